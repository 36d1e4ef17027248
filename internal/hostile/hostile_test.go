package hostile_test

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/hostile"
)

func TestCommands(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{
		"::error file=a::x": 1, "  \u00a0::add-mask::x": 1, "a ##[error]x": 1, "a\r::x::y": 1, "::x::y\n##[z]\n": 2,
		"a ::error::x": 0, "::no end": 0, "#\\035[error]x": 0, "## [error]x": 0, "##[no end": 0,
	} {
		if got := hostile.Commands(in); len(got) != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestCharacters(t *testing.T) {
	t.Parallel()
	if got := hostile.Characters("a\tb ä 日本 …✓\n"); len(got) > 0 {
		t.Errorf("%q", got)
	}
	if got := hostile.Characters("\x00\x1b\r\x7f\u009b\u202e\u200b\u2028\u034f\ufe0f\u3164\xff"); len(got) != 12 {
		t.Errorf("%q", got)
	}
}

// TestPayloads: each shows that it came through.
func TestPayloads(t *testing.T) {
	t.Parallel()
	for _, p := range hostile.Payloads {
		if !strings.Contains(p, "pwn") {
			t.Errorf("%q", p)
		}
	}
}
