package files

import (
	"bytes"
	"context"
	"errors"

	"sendjay/server/blob"
	"sendjay/server/files/picture"
	"sendjay/shared/protocol"
)

// faceSide is how wide a person's picture is kept: sharp on a card at twice the density.
const faceSide = 256

// Face makes of a picture the square one that stands for a person. It is unfolded where the pictures of messages are:
// nothing that only looks like a picture, and nothing that a camera wrote into it, gets further.
func (f *Files) Face(ctx context.Context, raw []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, smallTime)
	defer cancel()
	done, err := f.hand(ctx)
	if err != nil {
		return nil, busy(err)
	}
	defer done()
	sizes, err := sizesOf(ctx, f.Small, &blob.Blob{ReadSeekCloser: kept{bytes.NewReader(raw)}, Size: int64(len(raw))})
	switch {
	case errors.Is(err, picture.ErrLarge):
		return nil, protocol.Refuse(protocol.TooLarge)
	case ctx.Err() != nil:
		return nil, busy(ctx.Err())
	case err != nil:
		f.Log.Info("no picture of a person", "err", err)
		return nil, protocol.RefuseField(protocol.BadRequest, "picture")
	case sizes.Screen == nil:
		sizes.Screen = sizes.Thumb
	}
	p, err := picture.Read(bytes.NewReader(sizes.Screen)) // of our own making
	if err != nil {
		return nil, err
	}
	p.Square()
	var out bytes.Buffer
	err = p.Write(&out, faceSide)
	return out.Bytes(), err
}

// busy: so many pictures come that this one has to come again.
func busy(err error) error {
	return errors.Join(&protocol.Refusal{Code: protocol.Unavailable, RetryAfter: 10}, err)
}
