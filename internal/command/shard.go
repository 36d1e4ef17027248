package command

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// parseShard parses I/N. 1/1 is a whole run, which is nil.
func parseShard(s string) (*report.Shard, error) {
	index, count, ok := strings.Cut(s, "/")
	i, iErr := strconv.Atoi(index)
	n, nErr := strconv.Atoi(count)
	switch {
	case !ok || iErr != nil || nErr != nil:
		return nil, fmt.Errorf("--shard %s: write I/N, such as 1/8 for the first of eight", untrusted.Quote(s))
	case n < 1 || n > report.MaxShards:
		return nil, fmt.Errorf("--shard %s: there can be 1 to %d shards", untrusted.Quote(s), report.MaxShards)
	case i < 1 || i > n:
		return nil, fmt.Errorf("--shard %s: the first shard is 1/%d, the last one %d/%d", untrusted.Quote(s), n, n, n)
	case n == 1:
		return nil, nil
	}
	return &report.Shard{Index: i, Count: n}, nil
}

// shardOf returns the shard of a domain, from 1 to n: the first eight octets of the
// SHA-256 of its name, modulo n. It depends only on the name and n, so new domains
// do not move other ones.
func shardOf(name record.Name, n int) int {
	sum := sha256.Sum256([]byte(name))
	return int(binary.BigEndian.Uint64(sum[:8])%uint64(n)) + 1
}

// takeShard selects the domains of the shard.
func (run *checkRun) takeShard(s *report.Shard) {
	if s == nil {
		return
	}
	s.Run, s.Domains, s.Positions = run.name(), len(run.file.Domains), []int{}
	for i := range run.file.Domains {
		if shardOf(run.file.Domains[i].Name, s.Count) == s.Index {
			s.Positions = append(s.Positions, i)
		}
	}
	run.shard = s
}

// name returns an identifier that all shards of a run share: a hash of the flags
// that decide what it reports, of the domains and their places, and of the checks
// and ignores of the file.
func (run *checkRun) name() string {
	h := sha256.New()
	for _, values := range shardValues(run.flags) {
		hashStrings(h, values...)
	}
	for i := range run.file.Domains {
		d := &run.file.Domains[i]
		hashStrings(h, string(d.Name), placeName(d.Place))
	}
	for _, id := range slices.Sorted(maps.Keys(run.file.Checks)) {
		hashStrings(h, id, string(run.file.Checks[id].Value))
	}
	for _, ig := range run.file.Ignores {
		hashStrings(h, ig.Check.Value, ig.Domain.Value, ig.Record.Value, placeName(ig.Place))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func placeName(p config.Place) string {
	return fmt.Sprintf("%s %d %d", p.File, p.Line, p.EndLine)
}

// hashStrings adds a list to a hash. Different lists add different octets.
func hashStrings(h hash.Hash, all ...string) {
	fmt.Fprintf(h, "%q\n", all)
}
