package protocol

// FileID names an uploaded file. The server makes it.
type FileID string

// Valid reports whether f can name a file.
func (f FileID) Valid() bool { return plainID(string(f), Limits.IDBytes) }

// FileInfo is the file of a message. Its bytes are at GET /api/v1/files/{id}.
type FileInfo struct {
	ID   FileID `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size"`
	// Kind is the media type, found in the bytes and not in the name.
	Kind string `json:"kind"`
	// Width and Height are those of a picture or a film as it is shown, known before its bytes.
	Width  int `json:"width,omitempty"`
	Height int `json:"height,omitempty"`
	// Length is how long a film or a sound plays, in milliseconds.
	Length int64 `json:"length,omitempty"`
	// Thumb is set when there are small pictures of it, at /thumb and /screen.
	Thumb bool `json:"thumb,omitempty"`
	// Until is when it expires, missing when never.
	Until Instant `json:"until,omitempty"`
	// Gone is set once it has expired.
	Gone bool `json:"gone,omitempty"`
}

// Picture reports whether a browser shows files of this kind as a picture.
func Picture(kind string) bool {
	switch kind {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return true
	}
	return false
}
