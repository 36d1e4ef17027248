package command

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sescheck/sescheck/internal/web"
	"github.com/sescheck/sescheck/internal/zonetest"
)

// engine is the engine of the page, compiled to WebAssembly, in several processes of
// node. It asks DNS by fetch, as in a browser.
type engine struct {
	t       *testing.T
	nodes   []io.Writer // their stdin
	mu      sync.Mutex
	last    int
	waiting map[int]chan said
}

// said is what a call returns.
type said struct {
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  string          `json:"error"`
}

// startEngine starts the engine in the folder that SESCHECK_SITE names. .ci/web-engine
// builds it and runs these tests.
func startEngine(t *testing.T) *engine {
	t.Helper()
	site := os.Getenv("SESCHECK_SITE")
	if site == "" {
		t.Skip("the engine of the page: .ci/web-engine builds it, and runs this test")
	}
	e := &engine{t: t, waiting: map[int]chan said{}}
	for range 2 {
		c := exec.CommandContext(t.Context(), "node", "testdata/node.js", site, strconv.FormatInt(now().UnixMilli(), 10))
		c.Stderr = os.Stderr
		in, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		e.nodes = append(e.nodes, in)
		read := make(chan struct{})
		go func() {
			e.read(out)
			close(read)
		}()
		t.Cleanup(func() {
			_ = in.Close()
			<-read
			_ = c.Wait()
		})
	}
	return e
}

// read gives what comes from a process to those who wait for it. Once it has ended,
// all calls do.
func (e *engine) read(out io.Reader) {
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		var s said
		if err == nil {
			err = json.Unmarshal(line, &s)
		}
		e.mu.Lock()
		if err != nil {
			for _, c := range e.waiting {
				c <- said{Error: fmt.Sprintf("node: %v: %.300s", err, line)}
			}
			clear(e.waiting)
			e.mu.Unlock()
			return
		}
		c := e.waiting[s.ID]
		delete(e.waiting, s.ID)
		e.mu.Unlock()
		c <- s
	}
}

// call calls a function of the engine.
func (e *engine) call(t *testing.T, name string, input any) webSaid {
	t.Helper()
	e.mu.Lock()
	e.last++
	id := e.last
	answer := make(chan said, 1)
	e.waiting[id] = answer
	line, err := json.Marshal(map[string]any{"id": id, "call": name, "args": input})
	if err == nil {
		_, err = e.nodes[id%len(e.nodes)].Write(append(line, '\n'))
	}
	e.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	s := <-answer
	if s.Error != "" {
		t.Fatal(s.Error)
	}
	return saidIn(t, s.Result)
}

// webResolvers serves DNS over HTTPS for many stories, each at a path of its own: a
// page may have few connections to one host.
type webResolvers struct {
	*httptest.Server
	all  sync.Map // path → http.Handler
	last atomic.Int64
}

func newWebResolvers(t *testing.T) *webResolvers {
	r := &webResolvers{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if h, ok := r.all.Load(q.URL.Path); ok {
			h.(http.Handler).ServeHTTP(w, q)
			return
		}
		http.NotFound(w, q)
	}))
	t.Cleanup(func() {
		r.CloseClientConnections()
		r.Close()
	})
	return r
}

// add returns the address of one more resolver.
func (r *webResolvers) add(h http.Handler) string {
	path := fmt.Sprintf("/%d/dns-query", r.last.Add(1))
	r.all.Store(path, h)
	return r.URL + path
}

// TestWebEngine: of every story that the page can express, its engine as WebAssembly
// says the same as the command line, byte for byte.
func TestWebEngine(t *testing.T) {
	t.Parallel()
	e, resolvers := startEngine(t), newWebResolvers(t)
	page := func(t *testing.T, s webStory, served *zonetest.Server) (webSaid, string) {
		resolver := resolvers.add(served)
		return e.call(t, s.call, s.input(resolver)), resolver
	}
	sameAsCommand(t, page, "check", "inspect", "lint", "import")
}

// TestWebEngineFailures: whatever comes instead of an answer, the engine says what it
// was, that the run is inconclusive, and of nothing that it is missing.
func TestWebEngineFailures(t *testing.T) {
	t.Parallel()
	e, resolvers := startEngine(t), newWebResolvers(t)
	file := readFile(t, filepath.Join(testdata, "mail-from-mx-missing", "lost-in-migration", "sescheck.yaml"))
	unread := "no answer could be read: the resolver is not reachable, or does not allow web pages (CORS)"
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"too many questions":     {refusing, "HTTP status 429 Too Many Requests; it asks to wait 2m0s"},
		"broken":                 {answering(500, messageType, ""), "HTTP status 500 Internal Server Error"},
		"overloaded":             {answering(503, "text/html", "later"), "HTTP status 503 Service Unavailable"},
		"a page":                 {answering(200, "text/html; charset=utf-8", "<html>"), `its content type is "text/html; charset=utf-8", not application/dns-message`},
		"a hostile content type": {answering(200, "##[error]x", ""), `its content type is "#\x23[error]x", not`},
		"no content type":        {answering(200, "", "x"), `its content type is "", not`},
		"nothing":                {answering(200, messageType, ""), "it answers another question"},
		"garbage":                {answering(200, messageType, "no message at all"), "it answers another question"},
		"another question":       {answering(200, messageType, "\x00\x00\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00\x05other\x04test\x00\x00\x10\x00\x01"), "it answers another question"},
		"too long":               {answering(200, messageType, strings.Repeat("\x00", 1<<20)), "longer than a message can be"},
		"cut short":              {cutShort, unread},
		"a redirect":             {redirecting, unread},
		"no server":              {nil, unread},
		"silence":                {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "timeout"},
	} {
		resolver := "http://127.0.0.1:1/dns-query"
		if c.answer != nil {
			resolver = resolvers.add(c.answer)
		}
		for call, input := range map[string]any{
			"check":   web.CheckArgs{Files: []web.File{{Name: "sescheck.yaml", Text: file}}, Resolver: resolver},
			"inspect": web.InspectArgs{Domains: []string{"example.com"}, MailFrom: "bounce", Tokens: []string{"tokena"}, Resolver: resolver},
		} {
			t.Run(name+" "+call, func(t *testing.T) {
				t.Parallel()
				said := e.call(t, call, input)
				if said.Exit != exitInconclusive || !strings.Contains(said.Text, c.want) {
					t.Errorf("exit %d, want %q in\n%s", said.Exit, c.want, said.Text)
				}
				harmless(t, "text", said.Text)
				calledMissing(t, said.Text)
			})
		}
	}
}

const messageType = "application/dns-message"

func answering(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil // none is guessed
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// refusing asks for a pause.
func refusing(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "120")
	w.WriteHeader(http.StatusTooManyRequests)
}

// cutShort answers less than it announces.
func cutShort(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", messageType)
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, "half")
}

// redirecting leads to itself.
func redirecting(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, r.URL.String(), http.StatusTemporaryRedirect)
}
