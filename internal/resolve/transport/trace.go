package transport

import (
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Trace writes every question and its answer as a line of JSON. A nil Trace
// writes nothing.
type Trace struct {
	mu  sync.Mutex
	enc *json.Encoder
	err error
}

// NewTrace writes to w.
func NewTrace(w io.Writer) *Trace { return &Trace{enc: json.NewEncoder(untrusted.JSON(w))} }

// Err is the first error of writing.
func (t *Trace) Err() error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// traceLine is one try. Records are in presentation form.
type traceLine struct {
	Time    time.Time    `json:"time"`
	Name    record.Name  `json:"name"`
	Type    string       `json:"type"`
	Server  string       `json:"server"`
	Try     int          `json:"try"`
	MS      float64      `json:"ms"`
	Rcode   string       `json:"rcode,omitempty"`
	AA      bool         `json:"aa,omitempty"`
	Answers []string     `json:"answers,omitempty"`
	EDE     []record.EDE `json:"ede,omitempty"`
	Error   string       `json:"error,omitempty"`
}

// tried writes one try on a server.
func (t *Trace) tried(q record.Question, s *Server, try int, start time.Time, r Reply, err error) {
	if t == nil {
		return
	}
	line := traceLine{Time: start.UTC(), Server: s.String(), Try: try + 1, MS: float64(time.Since(start).Microseconds()) / 1000}
	if err != nil {
		line.Error = err.Error()
	}
	t.write(line, q, r, err == nil)
}

// Local writes an answer from a file.
func (t *Trace) Local(q record.Question, file string, r Reply) {
	if t == nil {
		return
	}
	t.write(traceLine{Time: time.Now().UTC(), Server: file}, q, r, true)
}

func (t *Trace) write(line traceLine, q record.Question, r Reply, answered bool) {
	line.Name, line.Type = q.Name, q.Type.String()
	if answered {
		line.Rcode, line.AA, line.EDE = r.RcodeName(), r.Authoritative, r.EDE
		for _, a := range r.Answers {
			line.Answers = append(line.Answers, string(a.Owner)+" "+a.Data.Type.String()+" "+a.Data.String())
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.enc.Encode(line); err != nil && t.err == nil {
		t.err = err
	}
}
