package api

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	tus "github.com/tus/tusd/v2/pkg/handler"
	"golang.org/x/exp/slog"

	"sendjay/server/files"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Uploads speak the tus protocol 1.0 (https://tus.io) with the extensions creation, creation-with-upload,
// termination and checksum (SHA-256 of a piece). Metadata: "room" and "name", or "filename" as most clients say.
const uploadsPath = "/api/v1/uploads/"

// The pace of uploads: a read that brings nothing for restTime ends, and what has come stays.
const (
	restTime = 30 * time.Second
	lockTime = 10 * time.Second
)

// upload is what one request about an upload knows and what became of it.
type upload struct {
	user protocol.UserID
	sum  []byte // of the piece, nil for none
	err  error  // to be said instead of the library's words
	// cut is set once the bytes that came are kept. If the library refuses afterwards, the rest stayed out: the line
	// was silent or broke, another request went on with the upload, or the server stops. Nothing is wrong with what
	// was asked, nor with us, and a client that tries again goes on where this one ended.
	cut  bool
	body *uploadBody
}

type uploadKey struct{}

func uploadOf(ctx context.Context) *upload {
	u, _ := ctx.Value(uploadKey{}).(*upload)
	return u
}

// uploads returns the handler of everything under uploadsPath.
func (a *API) uploads() (http.Handler, error) {
	parts := tus.NewStoreComposer()
	s := uploadStore{a.Files}
	parts.UseCore(s)
	parts.UseTerminater(s)
	parts.UseLocker(newOneAtATime())
	served, err := tus.NewHandler(tus.Config{
		StoreComposer: parts, MaxSize: a.Files.MaxFile, BasePath: uploadsPath, DisableDownload: true, DisableConcatenation: true,
		Cors: &tus.CorsConfig{Disable: true}, NetworkTimeout: restTime, AcquireLockTimeout: lockTime,
		Logger: slog.New(quiet{}),
	})
	if err != nil {
		return nil, err
	}
	return http.StripPrefix(uploadsPath, served), nil
}

// upload serves one request about an upload: who asks is known before the first byte is read.
func (a *API) upload(protocolled http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodOptions, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodDelete:
		default:
			a.wrongMethod(w, r, []string{"OPTIONS", "HEAD", "POST", "PATCH", "DELETE"})
			return
		}
		who, _, err := a.Who(r)
		if err == nil {
			err = Settled(who)
		}
		if err == nil {
			err = a.ours(r)
		}
		u := &upload{user: who.User.ID, body: bodyOf(w, r)}
		r.Body = u.body
		if err == nil {
			u.sum, err = checksum(r)
		}
		r = r.WithContext(context.WithValue(context.WithValue(r.Context(), whoKey{}, who), uploadKey{}, u))
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		protocolled.ServeHTTP(&uploadAnswer{ResponseWriter: w, api: a, r: r, upload: u}, r)
	}
}

// checksum reads the sum of the piece that comes.
func checksum(r *http.Request) ([]byte, error) {
	line := r.Header.Get("Upload-Checksum")
	if line == "" {
		return nil, nil
	}
	kind, text, _ := strings.Cut(line, " ")
	sum, err := base64.StdEncoding.DecodeString(text)
	if kind != "sha256" || err != nil || len(sum) != 32 {
		return nil, protocol.RefuseField(protocol.BadRequest, "Upload-Checksum")
	}
	return sum, nil
}

// uploadAnswer says refusals in our shape, and addresses so that they hold behind any proxy.
type uploadAnswer struct {
	http.ResponseWriter
	api     *API
	r       *http.Request
	upload  *upload
	refused bool
}

func (w *uploadAnswer) WriteHeader(status int) {
	h := w.Header()
	if w.upload.body.end() {
		h.Set("Connection", "close")
	}
	if at := h.Get("Location"); at != "" {
		if _, id, ok := strings.Cut(at, uploadsPath); ok {
			h.Set("Location", uploadsPath+id)
		}
	}
	if ext := h.Get("Tus-Extension"); ext != "" {
		h.Set("Tus-Extension", ext+",checksum")
		h.Set("Tus-Checksum-Algorithm", "sha256")
	}
	h.Set("Cache-Control", "no-store")
	if status < http.StatusBadRequest {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if w.refused {
		return
	}
	w.refused = true
	err := w.upload.err
	if err == nil && w.upload.cut && status != http.StatusRequestEntityTooLarge {
		err = protocol.Refuse(protocol.Unavailable)
	}
	if err == nil {
		err = protocol.Refuse(codeOf(status))
	}
	h.Del("Content-Length")
	if r, ok := errors.AsType[*protocol.Refusal](err); ok && w.r.Method == http.MethodHead {
		h.Set(refusalHead, strings.TrimSpace(string(r.Code)+" "+r.Field))
	}
	switch {
	case errors.Is(err, files.ErrChecksum):
		status = statusChecksum
	case status == http.StatusPreconditionFailed:
		h.Set("Tus-Version", "1.0.0")
	case w.upload.err == nil && w.r.Method == http.MethodPatch && w.r.Header.Get("Content-Type") != "application/offset+octet-stream":
		status = http.StatusUnsupportedMediaType
	default:
		status = 0
	}
	w.api.refuse(asTheirs{w.ResponseWriter, status}, w.r, err)
}

// refusalHead tells whoever asked by HEAD, whose answer has no body, the code and the field.
const refusalHead = "Sendjay-Refusal"

// statusChecksum is the protocol's own for bytes that changed on their way.
const statusChecksum = 460

// asTheirs answers with a status that a protocol asks for where ours is another one; 0 leaves ours.
type asTheirs struct {
	http.ResponseWriter
	status int
}

func (w asTheirs) WriteHeader(ours int) { w.ResponseWriter.WriteHeader(cmp.Or(w.status, ours)) }

func (w *uploadAnswer) Write(b []byte) (int, error) {
	if w.refused {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

func (w *uploadAnswer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// codeOf is what a status of the library means with us.
func codeOf(status int) protocol.Code {
	switch status {
	case http.StatusNotFound, http.StatusGone:
		return protocol.NotFound
	case http.StatusConflict:
		return protocol.Conflict
	case http.StatusRequestEntityTooLarge:
		return protocol.TooLarge
	case http.StatusMethodNotAllowed:
		return protocol.MethodNotKnown
	case http.StatusLocked:
		return protocol.Unavailable
	}
	// A part of the protocol that we do not have, such as a length told later, is asked for in vain.
	if status >= http.StatusInternalServerError && status != http.StatusNotImplemented {
		return protocol.Internal
	}
	return protocol.BadRequest
}

// uploadStore is what the library keeps uploads in.
type uploadStore struct{ files *files.Files }

func (s uploadStore) NewUpload(ctx context.Context, info tus.FileInfo) (tus.Upload, error) {
	u := uploadOf(ctx)
	if info.SizeIsDeferred {
		return nil, u.fail(protocol.RefuseField(protocol.BadRequest, "Upload-Length"))
	}
	id, err := s.files.Begin(ctx, u.user, protocol.RoomID(info.MetaData["room"]), cmp.Or(info.MetaData["name"], info.MetaData["filename"]), info.Size)
	if err != nil {
		return nil, u.fail(err)
	}
	return s.GetUpload(ctx, string(id))
}

func (s uploadStore) GetUpload(ctx context.Context, id string) (tus.Upload, error) {
	u := uploadOf(ctx)
	if !protocol.FileID(id).Valid() {
		return nil, u.fail(protocol.RefuseField(protocol.NotFound, "file"))
	}
	file, at, err := s.files.Mine(ctx, u.user, protocol.FileID(id))
	if err != nil {
		return nil, u.fail(err)
	}
	if file.State == store.FileOpen && at == file.Size && at > 0 {
		// All bytes came, and what follows was cut off.
		if file, err = s.files.Finish(ctx, file.ID); err != nil {
			return nil, u.fail(err)
		}
	}
	return &oneUpload{files: s.files, call: u, file: file, at: at}, nil
}

func (s uploadStore) AsTerminatableUpload(u tus.Upload) tus.TerminatableUpload {
	return u.(*oneUpload)
}

// fail keeps err, so that the answer says it.
func (u *upload) fail(err error) error {
	u.err = err
	return err
}

// oneUpload is one upload within one request.
type oneUpload struct {
	files *files.Files
	call  *upload
	file  store.File
	at    int64
}

func (o *oneUpload) WriteChunk(ctx context.Context, at int64, r io.Reader) (int64, error) {
	n, err := o.files.Append(ctx, o.file, at, r, o.call.sum)
	if err != nil && o.call.body.broken() && files.Untouched(err) {
		err = nil // what came of the piece is thrown away, as its sum is that of all of it
	}
	if o.call.cut = err == nil || errors.Is(err, context.Canceled); !o.call.cut {
		_ = o.call.fail(err)
	}
	return n, err
}

func (o *oneUpload) GetInfo(context.Context) (tus.FileInfo, error) {
	return tus.FileInfo{ID: string(o.file.ID), Size: o.file.Size, Offset: o.at, MetaData: tus.MetaData{"room": string(o.file.Room), "name": o.file.Name}}, nil
}

func (o *oneUpload) GetReader(context.Context) (io.ReadCloser, error) {
	return nil, o.call.fail(protocol.Refuse(protocol.NotFound))
}

func (o *oneUpload) FinishUpload(ctx context.Context) error {
	_, err := o.files.Finish(ctx, o.file.ID)
	if err != nil {
		return o.call.fail(err)
	}
	return nil
}

func (o *oneUpload) Terminate(ctx context.Context) error {
	if err := o.files.Drop(ctx, o.call.user, o.file.ID); err != nil {
		return o.call.fail(err)
	}
	return nil
}

// quiet takes the library's log, which names files; what went wrong is logged where it is answered.
type quiet struct{}

func (quiet) Enabled(context.Context, slog.Level) bool  { return false }
func (quiet) Handle(context.Context, slog.Record) error { return nil }
func (q quiet) WithAttrs([]slog.Attr) slog.Handler      { return q }
func (q quiet) WithGroup(string) slog.Handler           { return q }
