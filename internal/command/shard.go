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

// parseShard reads I/N. The one shard of 1/1 is a whole run, and nil.
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

// shardOf says in which of n shards a domain is, from 1: the first eight octets
// of its name's SHA-256, modulo n. So it depends on nothing but the name and n,
// and a domain that comes or goes moves no other.
func shardOf(name record.Name, n int) int {
	sum := sha256.Sum256([]byte(name))
	return int(binary.BigEndian.Uint64(sum[:8])%uint64(n)) + 1
}

// takeShard finds the domains of the file that are in the shard.
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

// name identifies a run in all its shards: by the flags that decide what it reports,
// by the domains and their places, and by checks and ignores of the file.
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

// hashStrings adds a list, so that no two lists add the same.
func hashStrings(h hash.Hash, all ...string) {
	fmt.Fprintf(h, "%q\n", all)
}
