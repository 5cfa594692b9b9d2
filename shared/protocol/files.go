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

// FileSum begins the tag (ETag) of a file with the BLAKE3 hash of its bytes; as many of its hexadecimal digits follow
// as the tag has. A tag of 32 such digits alone begins with a SHA-256.
const FileSum = "b3-"

// Picture reports whether a browser shows files of this kind as a picture.
func Picture(kind string) bool {
	switch kind {
	case "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/x-icon":
		return true
	}
	return false
}

// PreviewID names the card of a link. The server makes it.
type PreviewID string

// Valid reports whether p can name a card.
func (p PreviewID) Valid() bool { return plainID(string(p), Limits.IDBytes) }

// Preview is what the page behind the first link of a text says of itself.
type Preview struct {
	ID    PreviewID `json:"id"`
	URL   string    `json:"url"`
	Title string    `json:"title"`
	About string    `json:"about,omitempty"`
	Site  string    `json:"site,omitempty"`
	// Width and Height are those of its picture at GET /api/v1/previews/{id}, missing when it has none.
	Width  int `json:"width,omitempty"`
	Height int `json:"height,omitempty"`
}

// DropPreview takes the card of a message of mine away.
type DropPreview struct {
	Room RoomID    `json:"room"`
	ID   MessageID `json:"id"`
}

// Check wants a room and a message.
func (c DropPreview) Check() *Refusal {
	if !c.ID.Valid() {
		return RefuseField(BadRequest, "id")
	}
	return checkRoom(c.Room)
}

// ExtendFile lets the file of a message of mine live on, as if it were sent now.
type ExtendFile struct {
	Room RoomID    `json:"room"`
	ID   MessageID `json:"id"`
}

// Check wants a room and a message.
func (c ExtendFile) Check() *Refusal {
	if !c.ID.Valid() {
		return RefuseField(BadRequest, "id")
	}
	return checkRoom(c.Room)
}

// FileExtended answers ExtendFile.
type FileExtended struct {
	File FileInfo `json:"file"`
}

// ArchiveKind is what of a room is listed.
type ArchiveKind string

// The kinds of GET /rooms/{id}/archive.
const (
	ArchiveFiles  ArchiveKind = "files"
	ArchiveImages ArchiveKind = "images"
	ArchiveLinks  ArchiveKind = "links"
)

// Known reports whether k is one of the kinds.
func (k ArchiveKind) Known() bool {
	return k == ArchiveFiles || k == ArchiveImages || k == ArchiveLinks
}

// DownloadState is what has become of a download of the tray.
type DownloadState string

// The states.
const (
	DownloadWaiting DownloadState = "waiting"
	DownloadGoing   DownloadState = "going"
	DownloadWhole   DownloadState = "whole"
	DownloadFailed  DownloadState = "failed"
	// DownloadDropped is said once of what is no longer in the list.
	DownloadDropped DownloadState = "dropped"
)

// Download is a file that the tray brings to the downloads folder.
type Download struct {
	ID string `json:"id"`
	// Name is what it is called in the folder.
	Name string `json:"name"`
	// Size is 0 while it is not known; Done is how many bytes are here.
	Size  int64         `json:"size"`
	Done  int64         `json:"done"`
	State DownloadState `json:"state"`
	// Why is why it failed: an error code, disk, or checksum.
	Why string `json:"why,omitempty"`
	// Opens is set where it may be opened; what could run is only shown in its folder.
	Opens bool `json:"opens,omitempty"`
}
