package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"sendjay/server/blob"
	"sendjay/server/files/picture"
	"sendjay/server/files/preview"
	"sendjay/server/refusal"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// CardStore is what cards need of the database.
type CardStore interface {
	FoundBehind(ctx context.Context, hash string) (store.Found, error)
	KeepFound(ctx context.Context, f store.Found) error
	LosePicture(ctx context.Context, id protocol.PreviewID) error
	SeenPreview(ctx context.Context, user protocol.UserID, id protocol.PreviewID) (store.Found, error)
	EndPreviews(ctx context.Context, before time.Time, limit int) error
}

// The life of what was found behind an address.
const (
	foundFresh = 24 * time.Hour      // asked again after that
	foundKept  = 30 * 24 * time.Hour // forgotten after that, unless a message shows it
	cardSide   = 800
	cardQueue  = 256
	cardHands  = 2
)

// Cards makes the cards of links, beside the sending: a page that is slow, or gone, delays no message.
type Cards struct {
	Store CardStore
	Blobs blob.Store
	Fetch *preview.Fetcher
	// Small is the program of Config.Small: what a page calls its picture may unfold to a hundred times its bytes.
	Small []string
	// Show puts a card under a message.
	Show func(ctx context.Context, room protocol.RoomID, id protocol.MessageID, card protocol.PreviewID) error
	Log  *slog.Logger

	queue chan linked
	stop  context.CancelFunc
	wg    sync.WaitGroup
}

// linked is a message with a link.
type linked struct {
	room protocol.RoomID
	id   protocol.MessageID
	link string
}

// Start starts the work.
func (c *Cards) Start() {
	var ctx context.Context
	ctx, c.stop = context.WithCancel(context.Background())
	c.queue = make(chan linked, cardQueue)
	for range cardHands {
		c.wg.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case m := <-c.queue:
					if err := c.make(ctx, m); err != nil && ctx.Err() == nil {
						c.Log.Debug("no card", "room", m.room, "err", err)
					}
				}
			}
		})
	}
}

// Stop ends the work and waits for it.
func (c *Cards) Stop() {
	c.stop()
	c.wg.Wait()
}

// Sent takes a text. In a flood of links the last ones stay without a card.
func (c *Cards) Sent(room protocol.RoomID, id protocol.MessageID, body string) {
	link := preview.Link(body)
	if link == "" {
		return
	}
	select {
	case c.queue <- linked{room, id, link}:
	default:
	}
}

func (c *Cards) make(ctx context.Context, m linked) error {
	// What was found earlier shows no card either, once its domain is denied.
	if err := c.Fetch.Permits(m.link); err != nil {
		return err
	}
	hash := hashOfLink(m.link)
	f, err := c.Store.FoundBehind(ctx, hash)
	if errors.Is(err, store.ErrNoPreview) || err == nil && (time.Since(f.At.Time()) > foundFresh || c.lost(ctx, f.Key)) {
		f, err = c.find(ctx, m.link, hash)
	}
	if err != nil || f.Title == "" {
		return err
	}
	return c.Show(ctx, m.room, m.id, f.ID)
}

// hashOfLink is by what an address is found again.
func hashOfLink(link string) string {
	sum := sha256.Sum256([]byte(link))
	return hex.EncodeToString(sum[:])
}

// find looks behind a link and keeps what it finds, nothing too: it is not asked again for a while.
func (c *Cards) find(ctx context.Context, link, hash string) (store.Found, error) {
	f := store.Found{Hash: hash, Preview: protocol.Preview{ID: protocol.PreviewID(newID()), URL: link}}
	page, err := c.Fetch.Look(ctx, link)
	if err != nil {
		return f, errors.Join(err, c.Store.KeepFound(ctx, f))
	}
	f.Title, f.About, f.Site = page.Title, page.About, page.Site
	var small []byte
	if page.Image != "" {
		if small, err = c.picture(ctx, page.Image, &f); err != nil {
			c.Log.Debug("a card without its picture", "err", err)
		}
	}
	if err := c.Store.KeepFound(ctx, f); err != nil || f.Key == "" {
		return f, err
	}
	// After its row, so that no picture stays of which nothing tells.
	if _, err := c.Blobs.Put(ctx, f.Key, bytes.NewReader(small)); err != nil {
		c.Log.Debug("a card without its picture", "err", err)
		return f, c.Store.LosePicture(ctx, f.ID)
	}
	return f, nil
}

// lost reports whether a card has a picture whose bytes are gone: it is looked for anew then.
func (c *Cards) lost(ctx context.Context, key string) bool {
	if key == "" {
		return false
	}
	b, err := c.Blobs.Open(ctx, key)
	if err == nil {
		_ = b.Close()
	}
	return errors.Is(err, blob.ErrMissing)
}

// picture makes a small copy of a page's picture, so that no reader's browser asks the page, and gives it a key.
func (c *Cards) picture(ctx context.Context, link string, f *store.Found) ([]byte, error) {
	raw, err := c.Fetch.Picture(ctx, link)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, smallTime)
	defer cancel()
	sizes, err := sizesOf(ctx, c.Small, &blob.Blob{ReadSeekCloser: kept{bytes.NewReader(raw)}, Size: int64(len(raw))})
	if err != nil {
		return nil, err
	}
	if sizes.Screen == nil {
		sizes.Screen = sizes.Thumb
	}
	p, err := picture.Read(bytes.NewReader(sizes.Screen))
	if err != nil {
		return nil, err
	}
	var small bytes.Buffer
	if err := p.Write(&small, cardSide); err != nil {
		return nil, err
	}
	f.Key, f.Width, f.Height = newID(), sizes.Width, sizes.Height
	return small.Bytes(), nil
}

// kept is bytes in memory, which need no closing.
type kept struct{ *bytes.Reader }

func (kept) Close() error { return nil }

// Picture opens the picture of a card that user sees under some message.
func (c *Cards) Picture(ctx context.Context, user protocol.UserID, id protocol.PreviewID) (io.ReadSeekCloser, error) {
	if !id.Valid() {
		return nil, protocol.Refuse(protocol.NotFound)
	}
	f, err := c.Store.SeenPreview(ctx, user, id)
	if errors.Is(err, store.ErrNoPreview) || err == nil && f.Key == "" {
		return nil, protocol.Refuse(protocol.NotFound)
	}
	if err != nil {
		return nil, refusal.By("look for a card", err)
	}
	b, err := c.Blobs.Open(ctx, f.Key)
	if err != nil {
		return nil, refusal.By("open a card", err)
	}
	return b.ReadSeekCloser, nil
}

// Sweep forgets what no message shows any more.
func (c *Cards) Sweep(ctx context.Context) error {
	return c.Store.EndPreviews(ctx, time.Now().Add(-foundKept), sweepBunch)
}
