package webui

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func zipped(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.Bytes()
}

func sample() *site {
	return read(fstest.MapFS{
		".gitkeep":            {},
		"index.html":          {Data: []byte("<p>page</p>")},
		"index.html.gz":       {Data: zipped("<p>page</p>")},
		"assets/a-1234.js":    {Data: []byte("run()")},
		"assets/a-1234.js.br": {Data: []byte("brotli")},
		"favicon.svg":         {Data: []byte("<svg/>")},
		"sw.js":               {Data: []byte("self.addEventListener('fetch', () => {})")},
	})
}

func ask(t *testing.T, h http.Handler, method, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestThePageIsAskedForAnewAndAssetsAreKeptForever(t *testing.T) {
	s := sample()
	page := ask(t, s, "GET", "/")
	if got := page.Header.Get("Cache-Control"); page.StatusCode != 200 || got != "no-cache" {
		t.Errorf("page: %d %q", page.StatusCode, got)
	}
	asset := ask(t, s, "GET", "/assets/a-1234.js")
	if got := asset.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("asset: %q", got)
	}
	if got := asset.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/javascript") {
		t.Errorf("asset is %q", got)
	}
	again := ask(t, s, "GET", "/", "If-None-Match", page.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("an unchanged page answers %d", again.StatusCode)
	}
}

func TestTheServiceWorkerIsNeverKeptAndMayStandForTheWholeSite(t *testing.T) {
	w := ask(t, sample(), "GET", "/sw.js")
	if got := w.Header.Get("Cache-Control"); w.StatusCode != 200 || got != "no-cache" {
		t.Errorf("%d %q", w.StatusCode, got)
	}
	if got := w.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/javascript") {
		t.Errorf("it is %q", got)
	}
	if got := w.Header.Get("Content-Security-Policy"); !strings.Contains(got, "worker-src 'self'") {
		t.Errorf("the page may not start it: %q", got)
	}
}

func TestTheReaderGetsAFormThatItUnderstands(t *testing.T) {
	s := sample()
	zip := ask(t, s, "GET", "/", "Accept-Encoding", "gzip, deflate")
	if zip.Header.Get("Content-Encoding") != "gzip" {
		t.Fatal("not compressed")
	}
	r, err := gzip.NewReader(zip.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(r); string(text) != "<p>page</p>" {
		t.Errorf("got %q", text)
	}
	if plain := ask(t, s, "GET", "/", "Accept-Encoding", "gzip;q=0"); plain.Header.Get("Content-Encoding") != "" {
		t.Error("compressed for somebody who refuses it")
	}
	if br := ask(t, s, "GET", "/assets/a-1234.js", "Accept-Encoding", "gzip, br"); br.Header.Get("Content-Encoding") != "br" {
		t.Error("the smaller form was not chosen")
	}
	plain, zipTag := ask(t, s, "GET", "/").Header.Get("ETag"), zip.Header.Get("ETag")
	if plain == zipTag {
		t.Error("two forms share a tag")
	}
}

func TestNothingRunsThatIsNotOurs(t *testing.T) {
	s := sample()
	for _, path := range []string{"/", "/assets/a-1234.js", "/no/such"} {
		h := ask(t, s, "GET", path).Header
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'self'", "script-src 'self'", "frame-ancestors 'self'", "object-src 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy lacks %q", path, want)
			}
		}
		if strings.Contains(csp, "unsafe-eval") || strings.Contains(csp, "script-src 'self' 'unsafe-inline'") {
			t.Errorf("%s: the policy lets foreign scripts in", path)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") == "" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

func TestStrangePathsAndMethodsAreRefusedInTheCommonShape(t *testing.T) {
	s := sample()
	for _, c := range []struct {
		method, path, code string
		status             int
	}{
		{"GET", "/no/such", "not_found", 404},
		{"GET", "/../handler.go", "not_found", 404},
		{"GET", "/.gitkeep", "not_found", 404},
		{"GET", "/index.html.gz", "not_found", 404},
		{"POST", "/", "method_not_allowed", 405},
	} {
		got := ask(t, s, c.method, c.path)
		body, _ := io.ReadAll(got.Body)
		if got.StatusCode != c.status || !strings.Contains(string(body), `"code":"`+c.code+`"`) {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.StatusCode, body)
		}
	}
	if got := ask(t, s, "HEAD", "/"); got.StatusCode != 200 {
		t.Errorf("HEAD: %d", got.StatusCode)
	}
}

func TestAServerSaysThatItIsNoTray(t *testing.T) {
	if got := ask(t, sample(), "GET", "/edge/v1/keep/settings"); got.StatusCode != http.StatusNoContent {
		t.Errorf("got %d", got.StatusCode)
	}
}

func TestWithoutAPageItSaysHowToBuildOne(t *testing.T) {
	s := read(fstest.MapFS{".gitkeep": {}})
	body, _ := io.ReadAll(ask(t, s, "GET", "/").Body)
	if !strings.Contains(string(body), "make build") {
		t.Errorf("got %s", body)
	}
	if s.build == "" || s.build == sample().build {
		t.Error("the build has no name of its own")
	}
}

// TestTheBuiltPageKeepsItsPromises looks at what is embedded: it needs nothing inline, every asset it
// names is there, and the script of the first load stays small.
func TestTheBuiltPageKeepsItsPromises(t *testing.T) {
	page, err := fs.ReadFile(built, "dist/index.html")
	if err != nil {
		t.Log("the page is not built here; make test builds it first")
		return
	}
	for _, m := range regexp.MustCompile(`(?s)<script([^>]*)>(.*?)</script>`).FindAllSubmatch(page, -1) {
		if !bytes.Contains(m[1], []byte("src=")) || len(bytes.TrimSpace(m[2])) > 0 {
			t.Errorf("inline script: %s", m[0])
		}
	}
	const limit = 60 << 10
	size := 0
	for _, m := range regexp.MustCompile(`(?:src|href)="/(assets/[^"]+)"`).FindAllSubmatch(page, -1) {
		name := string(m[1])
		data, err := fs.ReadFile(built, "dist/"+name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if strings.HasSuffix(name, ".js") {
			size += len(zipped(string(data)))
		}
	}
	if size == 0 || size > limit {
		t.Errorf("the first load has %d bytes of script (gzip), the limit is %d", size, limit)
	}
	if got := ask(t, Handler(), "GET", "/"); got.StatusCode != 200 || Build() == "" {
		t.Errorf("got %d, build %q", got.StatusCode, Build())
	}
}
