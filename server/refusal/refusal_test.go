package refusal

import (
	"errors"
	"fmt"
	"testing"

	"sendjay/server/blob"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

func TestWhoMayNotKnowOfARoomHearsTheSameAsWhereThereIsNone(t *testing.T) {
	none, stranger := By("send", store.ErrNoRoom), By("send", store.ErrNotMember)
	if none.Error() != stranger.Error() || protocol.CodeOf(none) != protocol.NotFound {
		t.Errorf("%v and %v", none, stranger)
	}
}

func TestWhatIsUnavailableKeepsItsCauseForTheLog(t *testing.T) {
	for _, cause := range []error{store.ErrFull, blob.ErrFull, store.ErrUnavailable, blob.ErrUnavailable, store.ErrClosed} {
		err := By("send", fmt.Errorf("write: %w", cause))
		r, said := errors.AsType[*protocol.Refusal](err)
		full := errors.Is(cause, store.ErrFull) || errors.Is(cause, blob.ErrFull)
		if !said || r.Code != protocol.Unavailable || r.RetryAfter == 0 || (r.Field == "disk") != full || !errors.Is(err, cause) {
			t.Errorf("%v: %v", cause, err)
		}
	}
}

func TestARefusalStaysWhatItIsAndWhatNobodyKnowsIsNoRefusal(t *testing.T) {
	said := protocol.RefuseField(protocol.Forbidden, "kind")
	if err := By("look", errors.Join(said, store.ErrNoFile)); protocol.CodeOf(err) != protocol.Forbidden {
		t.Error(err)
	}
	if err := By("look", errors.New("odd")); protocol.CodeOf(err) != protocol.Internal {
		t.Error(err)
	}
	if By("look", nil) != nil {
		t.Error("nothing went wrong")
	}
}
