package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	neturl "net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// The measures of files.
const (
	upName     = "upload, part of a plain copy through the loopback"
	downName   = "download, part of a plain copy through the loopback"
	memoryName = "MiB above idle with 20 transfers at once"
	thumbsName = "small pictures of 12-megapixel photographs/min"
	besideName = "p99 of sending beside 100 of them a minute, times that beside files of the same bytes"
)

// thumbsLeast is how many small pictures a minute we aim at, and beside how many no message should wait longer.
const thumbsLeast = 100

// rounds is how often the loads that are compared take turns.
const rounds = 3

// porter carries files to and from a server, as one person.
type porter struct {
	ctx   context.Context
	addr  string
	token string
	room  string
}

// files measures what files cost: on a server of its own, with the people of a small office.
func files(ctx context.Context, p plan, t *table) error {
	if !p.wanted(upName) && !p.wanted(downName) && !p.wanted(memoryName) && !p.wanted(thumbsName) && !p.wanted(besideName) {
		return nil
	}
	dir, err := os.MkdirTemp("", "sendjay-bench-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	office := p
	office.users = 1000 // the largest of the rooms that fill makes
	w, err := fill(ctx, office, dir, "", false)
	if err != nil {
		return err
	}
	c, err := start(ctx, p, dir, "")
	if err != nil {
		return err
	}
	defer c.stop()
	by := porter{ctx, c.addr, w.tokens[0], string(w.pairs[0].id)}
	size := int64(1 << 30)
	if p.users < 5000 {
		size = 128 << 20
	}
	if err := pause(ctx, p.rest); err != nil {
		return err
	}
	if err := crowded(p, t, by, c, size/32); err != nil {
		return fmt.Errorf("transfers at once: %w", err)
	}
	if err := carried(p, t, by, c, dir, size); err != nil {
		return fmt.Errorf("one large file: %w", err)
	}
	return beside(ctx, p, t, by, c, w)
}

// crowded measures the memory of twenty transfers at once.
func crowded(p plan, t *table, by porter, c *child, size int64) error {
	if !p.wanted(memoryName) {
		return nil
	}
	idle, before := kib(c.pid(), "Pss"), now(c.pid())
	var done atomic.Bool
	most := make(chan float64)
	go func() {
		peak := 0.0
		for !done.Load() {
			peak = max(peak, kib(c.pid(), "Pss"))
			time.Sleep(5 * time.Millisecond)
		}
		most <- peak
	}()
	err := each(20, func(int) error {
		id, err := by.upload(io.LimitReader(noiseOf(), size), size)
		if err == nil {
			_, err = by.download(id)
		}
		return err
	})
	done.Store(true)
	peak := <-most
	t.atMost(memoryName, (peak-idle)/1024, "MiB", 64, before.since(c.pid()))
	return err
}

// carried compares one large file with a plain copy of as many bytes, up to a disk and down from it. The best of three
// of each: what is slower is the machine's other work.
func carried(p plan, t *table, by porter, c *child, dir string, size int64) error {
	if !p.wanted(upName) && !p.wanted(downName) {
		return nil
	}
	before := now(c.pid())
	var up, down, plainUp, plainDown float64
	file := filepath.Join(dir, "plain")
	for range 3 {
		began := time.Now()
		if err := copied(by.ctx, io.LimitReader(noiseOf(), size), file); err != nil {
			return err
		}
		plainUp = max(plainUp, speed(size, began))
		began = time.Now()
		id, err := by.upload(io.LimitReader(noiseOf(), size), size)
		if err != nil {
			return err
		}
		up = max(up, speed(size, began))

		from, err := os.Open(file)
		if err != nil {
			return err
		}
		began = time.Now()
		err = copied(by.ctx, from, "")
		_ = from.Close() // it was read
		if err != nil {
			return err
		}
		plainDown = max(plainDown, speed(size, began))
		began = time.Now()
		n, err := by.download(id)
		if err != nil || n != size {
			return errors.Join(err, fmt.Errorf("%d of %d bytes came back", n, size))
		}
		down = max(down, speed(size, began))
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	n := before.since(c.pid())
	t.note("%d MiB: upload %s MB/s (plain %s), download %s MB/s (plain %s).", size>>20, short(up), short(plainUp), short(down), short(plainDown))
	t.atLeast(upName, up/plainUp, "", 0.6, n)
	t.atLeast(downName, down/plainDown, "", 0.6, n)
	return nil
}

func speed(size int64, began time.Time) float64 {
	return float64(size) / 1e6 / time.Since(began).Seconds()
}

// copied copies through the loopback, to a file that is on the disk in the end, or to nowhere.
func copied(ctx context.Context, from io.Reader, to string) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	sent := make(chan error, 1)
	go func() {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", l.Addr().String())
		if err == nil {
			_, err = io.Copy(conn, from)
			err = errors.Join(err, conn.Close())
		}
		sent <- err
	}()
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	if to == "" {
		_, err = io.Copy(io.Discard, conn)
		return errors.Join(err, <-sent)
	}
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, conn)
	return errors.Join(err, <-sent, file.Sync(), file.Close())
}

// beside makes small pictures while people write to each other, and compares with the same without.
func beside(ctx context.Context, p plan, t *table, by porter, c *child, w *world) error {
	if !p.wanted(thumbsName) && !p.wanted(besideName) {
		return nil
	}
	clients := make([]*client, 100)
	defer func() {
		for _, c := range clients {
			if c != nil {
				c.close()
			}
		}
	}()
	for i := range clients {
		var err error
		if clients[i], err = dial(ctx, c.addr, w.tokens[i], i, hear); err != nil {
			return err
		}
	}
	photos := make([][]byte, 4)
	for i := range photos {
		photos[i] = photograph(uint64(i))
	}
	rooms := w.pairs[:len(clients)/2]
	before := now(c.pid())
	spun, err := spinning(ctx, func() (*load, error) { return steady(ctx, clients, rooms, 340, p.spell) })
	if err != nil {
		return err
	}
	perMinute, err := pictures(by, photos, p.spell)
	if err != nil {
		return err
	}
	// The same bytes, of which no small picture is made: what goes to the disk keeps others waiting on its own account.
	plain := make([][]byte, len(photos))
	for i, photo := range photos {
		plain[i] = append([]byte("bytes"), photo...)
	}
	// In turn and more than once, so that a slow minute of the machine is one of each.
	var quiet, carried, shown hist
	for range rounds {
		for _, one := range []struct {
			files [][]byte
			into  *hist
		}{{nil, &quiet}, {plain, &carried}, {photos, &shown}} {
			l, err := whileSent(by, one.files, func() (*load, error) { return steady(ctx, clients, rooms, 340, p.spell) })
			if err != nil {
				return err
			}
			one.into.join(&l.ack)
		}
	}
	t.atLeast(thumbsName, perMinute, "/min", thumbsLeast, before.since(c.pid()))
	t.note("p99 of sending: %s ms without files, %s ms beside a program that only spins, at the least priority, %s ms beside %d files a minute, %s ms beside as many photographs.",
		short(quiet.at(0.99)), short(spun.ack.at(0.99)), short(carried.at(0.99)), thumbsLeast, short(shown.at(0.99)))
	t.atMost(besideName, shown.at(0.99)/carried.at(0.99), "", 1.5, before.since(c.pid()))
	return nil
}

// whileSent measures while one of the files after another is sent, as many a minute as we aim at. Without files it just
// measures.
func whileSent(by porter, files [][]byte, measure func() (*load, error)) (*load, error) {
	sent, stop := make(chan error, 1), make(chan struct{})
	go func() {
		if len(files) == 0 {
			sent <- nil
			return
		}
		sent <- every(time.Minute/thumbsLeast, stop, func(n int) error {
			file := files[n%len(files)]
			_, err := by.upload(bytes.NewReader(file), int64(len(file)))
			return err
		})
	}()
	l, err := measure()
	close(stop)
	return l, errors.Join(err, <-sent)
}

// spinning measures beside a program that takes what is left of one processor and does nothing with it: how much of a
// delay is the machine's, which has one processor less, and not that of the work that is looked at.
func spinning(ctx context.Context, measure func() (*load, error)) (*load, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	spin := exec.CommandContext(ctx, "chrt", "-i", "0", "/bin/sh", "-c", "while :; do :; done")
	if err := spin.Start(); err != nil {
		return nil, err
	}
	var early error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		early = spin.Wait()
	}()
	l, err := measure()
	select {
	case <-ended:
		return nil, errors.Join(fmt.Errorf("the program that spins did not go on: %w", early), err)
	default:
	}
	stop()
	<-ended
	return l, err
}

// pictures says how many small pictures a minute are made when two people send photographs without a pause.
func pictures(by porter, photos [][]byte, spell time.Duration) (float64, error) {
	began := time.Now()
	var made atomic.Int64
	var g errgroup.Group
	for i := range 2 {
		g.Go(func() error {
			for n := i; time.Since(began) < spell; n++ {
				photo := photos[n%len(photos)]
				if _, err := by.upload(bytes.NewReader(photo), int64(len(photo))); err != nil {
					return err
				}
				made.Add(1)
			}
			return nil
		})
	}
	err := g.Wait()
	return float64(made.Load()) / time.Since(began).Minutes(), err
}

// every does something at a pace, one at a time, until stop is closed.
func every(pace time.Duration, stop <-chan struct{}, do func(n int) error) error {
	ticks := time.NewTicker(pace)
	defer ticks.Stop()
	for n := 0; ; n++ {
		select {
		case <-stop:
			return nil
		case <-ticks.C:
			if err := do(n); err != nil {
				return err
			}
		}
	}
}

// photograph is a JPEG of 12 megapixels with as much in it as a camera sees.
func photograph(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 12))
	m := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	for y := range 3000 {
		for x := range 4000 {
			grain := uint8(r.IntN(12))
			m.SetRGBA(x, y, color.RGBA{uint8(x>>4) + grain, uint8(y>>4) + grain, uint8((x^y)>>5) + grain, 255})
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}) // a buffer takes all
	return b.Bytes()
}

// noiseOf gives bytes that differ with every call, so that no two files are the same.
func noiseOf() io.Reader {
	block := make([]byte, 1<<20)
	r := rand.NewChaCha8([32]byte{byte(rand.Uint32()), byte(rand.Uint32()), byte(rand.Uint32()), byte(rand.Uint32())})
	_, _ = r.Read(block) // it never fails
	return &again{block: block}
}

// again repeats a block: making noise must not cost more than carrying it.
type again struct {
	block []byte
	at    int
}

func (a *again) Read(p []byte) (int, error) {
	n := copy(p, a.block[a.at:])
	a.at = (a.at + n) % len(a.block)
	return n, nil
}

// upload brings a file to the server and shows it in the room.
func (b porter) upload(from io.Reader, size int64) (string, error) {
	said := base64.StdEncoding.EncodeToString
	made, err := b.ask(http.MethodPost, "/api/v1/uploads/", http.NoBody, 0, "Upload-Length", strconv.FormatInt(size, 10),
		"Upload-Metadata", "room "+said([]byte(b.room))+",name "+said([]byte("bench.bin")))
	if err != nil {
		return "", err
	}
	_ = made.Body.Close() // empty
	at, err := neturl.Parse(made.Header.Get("Location"))
	if err != nil {
		return "", err
	}
	sent, err := b.ask(http.MethodPatch, at.Path, from, size, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
	if err != nil {
		return "", err
	}
	_ = sent.Body.Close() // empty
	id := at.Path[strings.LastIndexByte(at.Path, '/')+1:]
	shown, err := b.ask(http.MethodPost, "/api/v1/commands/message.send", strings.NewReader(fmt.Sprintf(`{"id":"f-%s","room":%q,"type":"file","body":"","file":%q}`, id, b.room, id)), -1)
	if err != nil {
		return "", err
	}
	return id, shown.Body.Close()
}

// download fetches a file and returns how many bytes came.
func (b porter) download(id string) (int64, error) {
	got, err := b.ask(http.MethodGet, "/api/v1/files/"+id, http.NoBody, 0)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(io.Discard, got.Body)
	return n, errors.Join(err, got.Body.Close())
}

func (b porter) ask(method, path string, body io.Reader, size int64, head ...string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(b.ctx, method, "http://"+b.addr+path, body)
	if err != nil {
		return nil, err
	}
	if size > 0 {
		r.ContentLength = size
	}
	r.Header.Set("Authorization", "Bearer "+b.token)
	r.Header.Set("Tus-Resumable", "1.0.0")
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		raw, _ := io.ReadAll(io.LimitReader(resp.Body, 1000)) // the status says enough
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%s %s: %s %s", method, path, resp.Status, raw)
	}
	return resp, nil
}
