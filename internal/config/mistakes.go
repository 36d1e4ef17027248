package config

import (
	"fmt"
	"strings"
)

// itemErrors are the wrong items of one list, by their mistake: names in place of all
// three tokens are one mistake.
type itemErrors []*itemError

type itemError struct {
	at    value // the first of them
	word  string
	wrong string // the mistake; the cure (did you mean WORD?)
	more  int
}

const twice = "is listed twice; keep one"

// item reads an item of a list by a function that returns its mistake.
func (ss *itemErrors) item(v value, want string, read func(string) string) {
	var word, wrong string
	if v.scalar() && strings.TrimSpace(v.node.Value) != "" {
		if wrong = read(v.node.Value); wrong == "" {
			return
		}
		word = " " + quote(v.node.Value)
	} else {
		word, wrong = ": an item", "is "+describe(v)+"; write "+want
	}
	for _, s := range *ss {
		if wrong == twice {
			break // each is another word
		}
		if mistake(s.wrong) == mistake(wrong) {
			s.more++
			return
		}
	}
	*ss = append(*ss, &itemError{at: v, word: word, wrong: wrong})
}

// mistake is the mistake without its cure.
func mistake(wrong string) string {
	what, _, _ := strings.Cut(wrong, "; ")
	what, _, _ = strings.Cut(what, " (did you mean ")
	return what
}

// report reports each mistake once.
func (ss itemErrors) report(r *reader, what string) {
	for _, s := range ss {
		more := ""
		switch s.more {
		case 0:
		case 1:
			more = " (and one more item of the list)"
		default:
			more = fmt.Sprintf(" (and %d more items of the list)", s.more)
		}
		r.bad(s.at, "%s%s %s%s", what, s.word, s.wrong, more)
	}
}
