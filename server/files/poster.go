package files

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"sendjay/server/blob"
	"sendjay/server/files/picture"
	"sendjay/server/store"
)

// posterBytes is the largest file that is copied for programs that need a file of their own: those that come
// from an S3 store.
const posterBytes = 512 << 20

// poster makes a still of a film or the first page of a document with the programs that the machine has.
func (f *Files) poster(ctx context.Context, key string, b *blob.Blob, facts *store.FileFacts) error {
	if _, err := b.Seek(0, io.SeekStart); err != nil {
		return err
	}
	file, done, err := local(b)
	if err != nil {
		return err
	}
	defer done()
	if facts.Kind == "application/pdf" {
		page, err := run(ctx, file, "pdftoppm", "-f", "1", "-l", "1", "-singlefile", "-scale-to", strconv.Itoa(picture.ScreenSide), "-jpeg", itself)
		if err != nil {
			return err
		}
		return f.still(ctx, key, page, facts, false)
	}
	if err := probe(ctx, file, facts); err != nil {
		return err
	}
	if facts.Width == 0 {
		return nil // a sound
	}
	at := "0"
	if facts.Length > 2000 {
		at = "1" // the very first picture is often black
	}
	still, err := run(ctx, file, "ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-protocol_whitelist", "file", "-format_whitelist", containers, "-ss", at, "-i", itself,
		"-frames:v", "1", "-vf", fmt.Sprintf("scale='min(%d,iw)':-2", picture.ScreenSide), "-f", "image2", "-c:v", "mjpeg", "-")
	if err != nil {
		return err
	}
	return f.still(ctx, key, still, facts, true)
}

// local returns b as a file of this machine, and what removes it afterwards when it had to be copied.
func local(b *blob.Blob) (*os.File, func(), error) {
	if file, ours := b.ReadSeekCloser.(*os.File); ours {
		return file, func() {}, nil
	}
	if b.Size > posterBytes {
		return nil, nil, picture.ErrLarge
	}
	temp, err := os.CreateTemp("", "sendjay-look-*")
	if err != nil {
		return nil, nil, err
	}
	_ = os.Remove(temp.Name()) // so it goes with this program too, where a file may be without a name
	done := func() {
		_ = temp.Close()
		_ = os.Remove(temp.Name()) // in the folder for what may vanish
	}
	if _, err := io.Copy(temp, b); err != nil {
		done()
		return nil, nil, err
	}
	return temp, done, nil
}

// still keeps a still. That of a film says how large the film is shown, whatever way it was held.
func (f *Files) still(ctx context.Context, key string, jpeg []byte, facts *store.FileFacts, film bool) error {
	p, err := picture.Make(bytes.NewReader(jpeg))
	if err != nil {
		return err
	}
	if !film || (p.Width > p.Height) != (facts.Width > facts.Height) {
		facts.Width, facts.Height = p.Width, p.Height
	}
	return f.keepSmall(ctx, key, p, facts)
}

// probe asks how large a film is and how long it plays.
func probe(ctx context.Context, file *os.File, facts *store.FileFacts) error {
	said, err := run(ctx, file, "ffprobe", "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", containers, "-show_entries", "format=duration:stream=codec_type,width,height", "-of", "json", itself)
	if err != nil {
		return err
	}
	var found struct {
		Format  struct{ Duration string }
		Streams []struct {
			Kind          string `json:"codec_type"`
			Width, Height int
		}
	}
	if err := json.Unmarshal(said, &found); err != nil {
		return err
	}
	if seconds, err := strconv.ParseFloat(found.Format.Duration, 64); err == nil && seconds > 0 && seconds < 1e6 {
		facts.Length = int64(seconds * 1000)
	}
	for _, s := range found.Streams {
		if s.Kind == "video" && strings.HasPrefix(facts.Kind, "video/") && s.Width > 0 && s.Width < 20_000 && s.Height > 0 && s.Height < 20_000 {
			facts.Width, facts.Height = s.Width, s.Height
			break
		}
	}
	return nil
}

// containers are the forms of films and sounds that are looked into. Others, lists of addresses above all, lead elsewhere.
const containers = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,mp3,aac,flac,wav,aiff,amr,caf"
