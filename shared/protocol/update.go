package protocol

// Update is a newer version of the desktop, empty when there is none. The device believes nothing of it but the
// signature; Manifest and Signature are the bytes of the files manifest.json and manifest.json.minisig.
type Update struct {
	Version   string `json:"version,omitempty"`
	Manifest  string `json:"manifest,omitempty"`
	Signature string `json:"signature,omitempty"`
}

// UpdateOffer is a version that is offered on a channel: to these people, to the people of these units, and to
// so many in a hundred of all.
type UpdateOffer struct {
	Version string   `json:"version"`
	Channel string   `json:"channel"`
	Percent int      `json:"percent"`
	Orgs    []string `json:"orgs,omitempty"`
	Users   []UserID `json:"users,omitempty"`
}

// UpdatesPage is what is offered.
type UpdatesPage struct {
	Offers []UpdateOffer `json:"offers"`
}

// UpdateNews says that something else is offered now; who wants to know for himself asks, after a while of his own.
type UpdateNews struct{}
