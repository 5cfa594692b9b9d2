package api_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"sendjay/server/servertest"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// The people of the matrix, in the order of its columns: nobody, somebody who is not in the room, a member, one who
// left, the room's master, and, none of them in the room, the help desk, an administrator and an owner.
var actors = []string{"stranger", "signed", "member", "former", "master", "helpdesk", "admin", "owner"}

// right is one row: how to ask, and what status each of the actors gets. {room} is the room, {message} the member's message in
// it, {master} and {member} those two, {other} one more account; a path of the table is filled in where ask is empty.
type right struct {
	ask  string // path and query, when it is not the path of the table
	body string
	head map[string]string
	want string
}

const (
	anybody = "401 200 200 200 200 200 200 200"
	desk    = "401 403 403 403 403 200 200 200" // the help desk and above
	admins  = "401 403 403 403 403 403 200 200"
	members = "401 404 200 404 200 404 404 404"
	masters = "401 404 403 404 200 404 404 404"
	// uploaders: an upload is its owner's alone.
	uploaders = "401 404 200 404 404 404 404 404"
	live      = "401 400 400 400 400 400 400 400" // over a socket only
)

// rights holds a row for every route and every command. Who adds one says here who may use it.
var rights = map[string]right{
	"POST /api/v1/auth/login":        {body: `{"userId":"nobody","password":"wrong","device":"web"}`, want: "401 401 401 401 401 401 401 401"},
	"POST /api/v1/auth/refresh":      {body: `{"refreshToken":"x.y"}`, want: "401 401 401 401 401 401 401 401"},
	"POST /api/v1/auth/logout":       {want: anybody},
	"GET /api/v1/auth/ways":          {want: "200 200 200 200 200 200 200 200"},
	"GET /api/v1/auth/oidc":          {want: "303 303 303 303 303 303 303 303"}, // to the sign-in page: there is no provider here
	"GET /api/v1/auth/oidc/callback": {want: "303 303 303 303 303 303 303 303"},
	"POST /api/v1/auth/kerberos":     {body: `{"device":"web"}`, want: "404 404 404 404 404 404 404 404"}, // no realm here
	"POST /api/v1/auth/vouch":        {body: `{"challenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}`, want: anybody},
	"POST /api/v1/auth/vouched":      {body: `{"code":"x","verifier":"y"}`, want: "401 401 401 401 401 401 401 401"},
	"POST /api/v1/auth/ticket":       {body: `{"ticket":"x","device":"web"}`, want: "404 404 404 404 404 404 404 404"}, // no portal here
	"POST /api/v1/auth/portal":       {want: "303 303 303 303 303 303 303 303"},                                        // to the sign-in page
	"POST /api/v1/auth/password":     {body: `{"old":"correct horse","new":"a new and long one"}`, want: anybody},

	"GET /api/v1/me":                 {want: anybody},
	"GET /api/v1/me/settings":        {want: anybody},
	"PUT /api/v1/me/settings":        {body: `{}`, want: anybody},
	"GET /api/v1/me/factor":          {want: anybody},
	"POST /api/v1/me/factor":         {body: `{"password":"correct horse"}`, want: anybody},
	"PUT /api/v1/me/factor":          {body: `{"code":"000000"}`, want: "401 409 409 409 409 409 409 409"},
	"POST /api/v1/me/factor/codes":   {body: `{"code":"000000"}`, want: "401 409 409 409 409 409 409 409"},
	"POST /api/v1/me/factor/off":     {body: `{"code":"000000"}`, want: "401 409 409 409 409 409 409 409"},
	"GET /api/v1/users":              {want: anybody},
	"GET /api/v1/users/{id}/picture": {want: "401 404 404 404 404 404 404 404"},
	"GET /api/v1/me/profile":         {want: anybody},
	"PUT /api/v1/me/profile":         {body: `{"nick":"봄"}`, want: anybody},
	"PUT /api/v1/me/picture":         {body: "no picture", want: "401 400 400 400 400 400 400 400"},
	"DELETE /api/v1/me/picture":      {want: anybody},
	"GET /api/v1/users/{id}":         {want: anybody},
	"GET /api/v1/org":                {want: anybody},
	"GET /api/v1/org/{code}/users":   {want: anybody},
	"GET /api/v1/me/people":          {want: anybody},
	"PUT /api/v1/me/people/{id}":     {want: anybody},
	"DELETE /api/v1/me/people/{id}":  {want: anybody},
	"GET /api/v1/unread":             {want: anybody},
	"GET /api/v1/search":             {ask: "/api/v1/search?q=hello&room={room}", want: members},

	"GET /api/v1/rooms":                                 {want: anybody},
	"GET /api/v1/rooms/{id}":                            {want: members},
	"GET /api/v1/rooms/{id}/members":                    {want: members},
	"GET /api/v1/rooms/{id}/messages":                   {want: members},
	"GET /api/v1/rooms/{id}/place":                      {ask: "/api/v1/rooms/{room}/place?at=2026-01-31T00:00:00Z", want: members},
	"GET /api/v1/rooms/{id}/messages/{message}":         {ask: "/api/v1/rooms/{room}/messages/{message}", want: members},
	"GET /api/v1/rooms/{id}/messages/{message}/readers": {ask: "/api/v1/rooms/{room}/messages/{message}/readers", want: members},
	"GET /api/v1/rooms/{id}/changes":                    {ask: "/api/v1/rooms/{room}/changes?since=0", want: members},

	"OPTIONS /api/v1/uploads/":          {want: anybody},
	"POST /api/v1/uploads/":             {head: map[string]string{"Tus-Resumable": "1.0.0", "Upload-Length": "1", "Upload-Metadata": "name YQ==,room {room64}"}, want: "401 404 201 404 201 404 404 404"},
	"HEAD /api/v1/uploads/{id}":         {head: map[string]string{"Tus-Resumable": "1.0.0"}, want: uploaders},
	"PATCH /api/v1/uploads/{id}":        {head: map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": "1", "Content-Type": "application/offset+octet-stream"}, want: "401 404 204 404 404 404 404 404"},
	"DELETE /api/v1/uploads/{id}":       {head: map[string]string{"Tus-Resumable": "1.0.0"}, want: "401 404 204 404 404 404 404 404"},
	"GET /api/v1/files/{id}":            {want: members},
	"GET /api/v1/files/{id}/thumb":      {want: members},
	"GET /api/v1/files/{id}/screen":     {want: members},
	"GET /api/v1/rooms/{id}/archive":    {ask: "/api/v1/rooms/{room}/archive?kind=files", want: members},
	"GET /api/v1/rooms/{id}/transcript": {ask: "/api/v1/rooms/{room}/transcript?as=txt", want: members},
	"GET /api/v1/previews/{id}":         {ask: "/api/v1/previews/{card}", want: members},
	"op preview.drop":                   {body: `{"room":"{room}","id":"{message}"}`, want: "401 404 200 404 403 404 404 404"},
	"op file.extend":                    {body: `{"room":"{room}","id":"{sent}"}`, want: "401 404 200 404 403 404 404 404"},

	"POST /api/v1/commands/{op}": {ask: "/api/v1/commands/ping", body: `{}`, want: anybody},

	// A line is found by its own sign-in alone.
	"PUT /api/v1/line/{id}":    {want: anybody},
	"GET /api/v1/line/{id}":    {ask: "/api/v1/line/another?after=0", want: "401 404 404 404 404 404 404 404"},
	"POST /api/v1/line/{id}":   {body: `{"frames":["x"]}`, want: "401 404 404 404 404 404 404 404"},
	"DELETE /api/v1/line/{id}": {want: "401 404 404 404 404 404 404 404"},

	"GET /api/v1/me/devices":         {want: anybody},
	"DELETE /api/v1/me/devices":      {want: anybody},
	"DELETE /api/v1/me/devices/{id}": {ask: "/api/v1/me/devices/no-such", want: "401 404 404 404 404 404 404 404"},
	"GET /api/v1/holidays":           {want: anybody},
	"GET /api/v1/announcement":       {want: anybody},

	"GET /api/v1/admin/accounts":                          {want: desk},
	"POST /api/v1/admin/accounts":                         {body: `{"id":"{fresh}","name":"Fresh"}`, want: admins},
	"POST /api/v1/admin/passwords":                        {want: admins},
	"GET /api/v1/admin/accounts/{id}":                     {want: desk},
	"PUT /api/v1/admin/accounts/{id}":                     {body: `{"job":"x"}`, want: admins},
	"POST /api/v1/admin/accounts/{id}/password":           {want: desk},
	"DELETE /api/v1/admin/accounts/{id}/factor":           {want: "401 403 403 403 403 404 404 404"},
	"POST /api/v1/admin/accounts/{id}/unlock":             {want: desk},
	"GET /api/v1/admin/accounts/{id}/devices":             {want: desk},
	"DELETE /api/v1/admin/accounts/{id}/devices":          {want: desk},
	"DELETE /api/v1/admin/accounts/{id}/devices/{device}": {want: "401 403 403 403 403 404 404 404"},
	"GET /api/v1/admin/org":                               {want: admins},
	"POST /api/v1/admin/org":                              {body: `{"code":"{fresh}","name":"x"}`, want: admins},
	"PUT /api/v1/admin/org/{code}":                        {ask: "/api/v1/admin/org/none", body: `{"name":"x"}`, want: "401 403 403 403 403 403 404 404"},
	"DELETE /api/v1/admin/org/{code}":                     {ask: "/api/v1/admin/org/none", want: "401 403 403 403 403 403 404 404"},
	"GET /api/v1/admin/audit":                             {want: admins},
	"GET /api/v1/admin/audit.csv":                         {want: admins},
	"GET /api/v1/admin/comings":                           {want: admins},
	"GET /api/v1/admin/comings.csv":                       {want: admins},
	"GET /api/v1/admin/limits":                            {want: admins},
	"PUT /api/v1/admin/limits":                            {body: `{"limits":[{"name":"live-files","preset":true}]}`, want: admins},
	"GET /api/v1/admin/policy":                            {want: admins},
	"PUT /api/v1/admin/policy":                            {body: `{}`, want: admins},
	"GET /api/v1/admin/holidays":                          {want: admins},
	"PUT /api/v1/admin/holidays":                          {body: `{"holidays":[]}`, want: admins},
	"POST /api/v1/admin/notice":                           {body: `{"text":""}`, want: admins},
	"POST /api/v1/feed":                                   {body: `{}`, want: "401 401 401 401 401 401 401 401"},
	"GET /api/v1/admin/feed":                              {want: admins},
	"GET /api/v1/admin/feed/sets":                         {want: admins},
	"DELETE /api/v1/admin/feed/sets/{key}":                {ask: "/api/v1/admin/feed/sets/none", want: "401 403 403 403 403 403 404 404"},
	"GET /api/v1/admin/feed/keys":                         {want: admins},
	"POST /api/v1/admin/feed/keys":                        {body: `{"name":"erp","nets":["10.0.0.0/8"]}`, want: admins},
	"DELETE /api/v1/admin/feed/keys/{id}":                 {ask: "/api/v1/admin/feed/keys/none", want: "401 403 403 403 403 403 404 404"},
	"POST /api/v1/admin/feed/upload":                      {body: `{}`, want: "401 403 403 403 403 403 400 400"},
	"POST /org/interfaceToDept":                           {body: `{}`, want: "401 401 401 401 401 401 401 401"},
	"POST /org/interfaceToUser":                           {body: `{}`, want: "401 401 401 401 401 401 401 401"},
	"POST /api/v1/admin/feed/directory":                   {want: "401 403 403 403 403 403 404 404"},
	"GET /api/v1/admin/feed/schedule":                     {want: admins},
	"PUT /api/v1/admin/feed/schedule":                     {body: `{}`, want: admins},
	"POST /api/v1/admin/feed/plan":                        {body: `{"users":"no such"}`, want: "401 403 403 403 403 403 404 404"},
	"POST /api/v1/admin/feed/apply":                       {body: `{"users":"no such"}`, want: "401 403 403 403 403 403 404 404"},
	"POST /api/v1/admin/feed/undo":                        {want: "401 403 403 403 403 403 404 404"},
	"GET /api/v1/admin/updates":                           {want: desk},
	"POST /api/v1/admin/updates/upload":                   {want: "401 403 403 403 403 403 409 409"},
	"PUT /api/v1/admin/updates/{version}":                 {ask: "/api/v1/admin/updates/v1.0.0", body: `{"channel":"stable","percent":100}`, want: "401 403 403 403 403 403 404 404"},
	"DELETE /api/v1/admin/updates/{version}":              {ask: "/api/v1/admin/updates/v1.0.0", want: "401 403 403 403 403 403 404 404"},
	"GET /api/v1/updates":                                 {ask: "/api/v1/updates?channel=stable&platform=linux/amd64", want: anybody},
	"GET /api/v1/updates/{version}/{os}/{arch}/{name}":    {ask: "/api/v1/updates/v1.0.0/linux/amd64/sendjay", want: "401 404 404 404 404 404 404 404"},
	"GET /api/v1/admin/health":                            {want: desk},

	"op ping":           {body: `{}`, want: anybody},
	"op room.create":    {body: `{"members":["{other}"]}`, want: anybody},
	"op room.invite":    {body: `{"room":"{room}","members":["{other}"]}`, want: members},
	"op room.leave":     {body: `{"room":"{room}"}`, want: members},
	"op room.kick":      {body: `{"room":"{room}","user":"{second}"}`, want: masters},
	"op room.rename":    {body: `{"room":"{room}","title":"x","for":"all"}`, want: masters},
	"op room.master":    {body: `{"room":"{room}","user":"{second}"}`, want: masters},
	"op room.mine":      {body: `{"room":"{room}","notify":"none"}`, want: members},
	"op room.order":     {body: `{"rooms":[]}`, want: anybody},
	"op typing.set":     {body: `{"room":"{room}","on":true}`, want: live},
	"op alert.why":      {body: `{"room":"{room}","seq":1}`, want: live},
	"op alert.because":  {body: `{"to":"s","room":"{room}","seq":1,"decided":[]}`, want: live},
	"op alert.whether":  {body: `{"ask":1,"of":[{"room":"{room}","seq":1}]}`, want: live},
	"op alert.told":     {body: `{"to":"s","ask":1,"of":[]}`, want: live},
	"op presence.watch": {body: `{"users":[]}`, want: anybody},
	"op message.send":   {body: `{"id":"{fresh}","room":"{room}","type":"talk","body":"hello"}`, want: members},
	"op message.read":   {body: `{"room":"{room}","seq":1}`, want: members},
	"op message.cancel": {body: `{"room":"{room}","id":"{message}"}`, want: "401 404 200 404 403 404 404 404"},
	"op message.edit":   {body: `{"room":"{room}","id":"{message}","body":"hi"}`, want: "401 404 200 404 403 404 404 404"},
	"op message.react":  {body: `{"room":"{room}","id":"{message}","emoji":"👍","on":true}`, want: members},
	"op message.hide":   {body: `{"room":"{room}","ids":["{message}"]}`, want: members},
	"op room.notice":    {body: `{"room":"{room}","id":"{message}"}`, want: masters},
	"op attention.set":  {body: `{"room":"","focused":false,"idle":0,"locked":false,"quiet":""}`, want: live},
}

func TestEveryRouteAndCommandIsForThoseItIsMeantFor(t *testing.T) {
	s := servertest.Start(t)
	left := map[string]bool{}
	for name := range rights {
		left[name] = true
	}
	n := 0
	var quiet *scene // what only reads needs no scene of its own
	check := func(name, method, path string) {
		row, ok := rights[name]
		delete(left, name)
		if !ok {
			t.Errorf("%s has no row: say in rights who may use it", name)
			return
		}
		if row.ask != "" {
			path = row.ask
		}
		want := strings.Fields(row.want)
		if len(want) != len(actors) {
			t.Fatalf("%s: %d columns, want %d", name, len(want), len(actors))
		}
		for i, actor := range actors {
			w := quiet
			if method != http.MethodGet || w == nil {
				n++
				w = newScene(t, s, n, method == http.MethodGet || strings.Contains(path+row.body, "/uploads/{id}") || strings.Contains(row.body, "{sent}"))
			}
			if method == http.MethodGet {
				quiet = w
			}
			c := call{method: method, path: w.fill(path), body: w.fill(row.body)}
			c.head = map[string]string{}
			if actor != "stranger" {
				c.head = bearer(s.SignIn(w.people[actor], protocol.Desktop).AccessToken)
			}
			for k, v := range row.head {
				c.head[k] = w.fill(v)
			}
			if r := c.to(t, s); fmt.Sprint(r.StatusCode) != want[i] {
				t.Errorf("%s as %s: %d %s, want %s", name, actor, r.StatusCode, r.raw, want[i])
			}
		}
	}
	for _, r := range protocol.AllRoutes() {
		check(r.Method+" "+r.Path, r.Method, r.Path)
	}
	for _, c := range protocol.Commands {
		check("op "+string(c.Op), http.MethodPost, "/api/v1/commands/"+string(c.Op))
	}
	for name := range left {
		t.Errorf("%s has a row and is no longer in the tables", name)
	}
}

// scene is a room of its own for one question.
type scene struct {
	people map[string]protocol.UserID
	fill   func(string) string
}

// newScene makes a scene, on request with files in it.
func newScene(t *testing.T, s *servertest.Server, n int, files bool) *scene {
	t.Helper()
	w := &scene{people: map[string]protocol.UserID{}}
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, who := range append([]string{"second", "other"}, actors[1:]...) {
		id := protocol.UserID(fmt.Sprintf("%s%d", who, n))
		a := store.Account{User: protocol.User{ID: id, Name: who, Org: "A10"}, PasswordHash: servertest.Hashed(), Active: true}
		if role := protocol.Role(who); role.Rank() > 0 {
			a.Role = role
		}
		fail(s.Store.AddAccount(t.Context(), a))
		w.people[who] = id
	}
	p := w.people
	const link = "https://news.example/"
	made, err := s.Store.CreateRoom(t.Context(), p["master"], []protocol.UserID{p["member"], p["former"], p["second"]}, "", nil)
	fail(err)
	message := protocol.MessageID(fmt.Sprintf("message%d", n))
	_, err = s.Store.Leave(t.Context(), made.Room, p["former"], nil)
	fail(err)
	_, err = s.Store.Send(t.Context(), store.NewMessage{ID: message, Room: made.Room, Sender: p["member"], SenderName: "member", Body: "hello " + link}, nil)
	fail(err)
	swaps := []string{"/rooms/{id}", "/rooms/" + string(made.Room), "/accounts/{id}", "/accounts/" + string(p["other"]), "/users/{id}", "/users/" + string(p["other"]), "/people/{id}", "/people/" + string(p["other"]), "{code}", "A10", "{room}", string(made.Room), "{message}", string(message), "{fresh}", fmt.Sprintf("fresh%d", n)}
	for who, id := range p {
		swaps = append(swaps, "{"+who+"}", string(id))
	}
	if files {
		by := s.SignIn(p["member"], protocol.Mobile)
		upload, file := by.Upload(made.Room, "half.txt", []byte("x")), by.Upload(made.Room, "photo.png", dot(t))
		sent, err := by.SendFile(made.Room, file, "")
		fail(err)
		picture, err := s.Store.File(t.Context(), file)
		fail(err)
		card := store.Found{Hash: fmt.Sprint(n), Key: picture.Key, Preview: protocol.Preview{ID: protocol.PreviewID(fmt.Sprintf("card%d", n)), URL: link, Title: "News"}}
		fail(s.Store.KeepFound(t.Context(), card))
		fail(s.Store.ShowPreview(t.Context(), made.Room, message, card.ID, nil))
		swaps = append(swaps, "{card}", string(card.ID), "{sent}", string(sent), "/uploads/{id}", "/uploads/"+string(upload), "/files/{id}", "/files/"+string(file))
	}
	swaps = append(swaps, "{room64}", base64.StdEncoding.EncodeToString([]byte(made.Room)))
	w.fill = strings.NewReplacer(swaps...).Replace
	return w
}

// dot is the smallest of pictures.
func dot(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
