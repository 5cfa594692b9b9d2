package files

import (
	"context"
	"testing"
	"time"

	"sendjay/server/files/preview"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// known is a store in which every page has been looked at just now.
type known struct{ CardStore }

func (known) FoundBehind(context.Context, string) (store.Found, error) {
	return store.Found{At: protocol.At(time.Now()), Preview: protocol.Preview{ID: "c", Title: "title"}}, nil
}

func TestADomainThatIsDeniedShowsNothingOfWhatWasFoundBefore(t *testing.T) {
	shown := 0
	c := Cards{Store: known{}, Fetch: &preview.Fetcher{Deny: []string{"bad.example"}}, Show: func(context.Context, protocol.RoomID, protocol.MessageID, protocol.PreviewID) error {
		shown++
		return nil
	}}
	for link, want := range map[string]int{"https://www.bad.example/a": 0, "https://good.example/a": 1} {
		shown = 0
		if err := c.make(t.Context(), linked{link: link}); (err == nil) != (want == 1) || shown != want {
			t.Errorf("%s is shown %d times, %v", link, shown, err)
		}
	}
}
