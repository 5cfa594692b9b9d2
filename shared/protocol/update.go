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

// UpdateVersion is a version of the desktop that the server has.
type UpdateVersion struct {
	Version string `json:"version"`
	// Platforms are such as linux/amd64, Bytes is the size of all programs.
	Platforms []string `json:"platforms"`
	Bytes     int64    `json:"bytes"`
	// Bad is set when it is not as it was signed: it is offered to nobody.
	Bad bool `json:"bad,omitempty"`
}

// UpdatesPage is what is there, the newest first, and what of it is offered to whom.
type UpdatesPage struct {
	Versions []UpdateVersion `json:"versions"`
	Offers   []UpdateOffer   `json:"offers"`
	// Channels are those that a device can be on.
	Channels []string `json:"channels"`
	// Signs is set where the server knows a key that versions have to be signed with; without one none is taken in.
	Signs bool `json:"signs"`
}

// UpdateNews says that something else is offered now; who wants to know for himself asks, after a while of his own.
type UpdateNews struct{}
