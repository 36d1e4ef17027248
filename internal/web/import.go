package web

import (
	"context"
	"errors"
	"strings"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/app"
	"github.com/sescheck/sescheck/internal/inventory"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve"
	"github.com/sescheck/sescheck/internal/source"
)

// ImportArgs are what import takes.
type ImportArgs struct {
	Files    []File   `json:"files"`
	Region   string   `json:"region"`
	Identity string   `json:"identity"`
	Own      []string `json:"selectors"` // of keys of one's own
	All      bool     `json:"all"`
}

// Imported is the file that comes out of import, and what there is to say of it.
type Imported struct {
	OK       bool      `json:"ok"`
	Exit     int       `json:"exit"`
	YAML     string    `json:"yaml"`
	Summary  string    `json:"summary"`
	Problems []Mistake `json:"problems"`
}

// Import writes the file from what exists. It asks no network.
func (e *Engine) Import(ctx context.Context, args ImportArgs) Imported {
	found, err := args.find(ctx)
	if err != nil {
		r := refused(err)
		return Imported{Exit: r.Exit, Problems: r.Problems, Summary: r.Stderr}
	}
	app.Reconcile(nil, found.Entries)
	var said strings.Builder
	app.Summary(&said, found, args.Region, false)
	out := Imported{OK: true, Problems: []Mistake{}, Summary: app.Safe(said.String())}
	if len(found.Unanswered) > 0 {
		out.Exit = app.ExitInconclusive
	}
	if len(found.Entries) == 0 {
		r := refused(app.ErrNothing)
		out.OK, out.Exit, out.Problems, out.Summary = false, r.Exit, r.Problems, out.Summary+r.Stderr
		return out
	}
	text, err := app.Written(found.Entries)
	if err != nil {
		return Imported{Exit: app.ExitBroken, Problems: refused(err).Problems, Summary: out.Summary}
	}
	out.YAML = string(text)
	return out
}

// find reads the files, and answers from zones and plans what there is to ask.
func (args ImportArgs) find(ctx context.Context) (*inventory.Result, error) {
	if len(args.Files) == 0 {
		return nil, errors.New("nothing to import: give zone files, JSON of the AWS CLI, or a plan")
	}
	inv := inventory.New(inventory.Options{Region: args.Region, Selectors: args.Own, Everyone: args.All, Selects: func(record.Name) bool { return true }})
	var zones, plans []File
	for _, f := range args.Files {
		switch holds := source.Sniff(f.Name, f.Text); {
		case holds == source.SomeChanges:
			plans = append(plans, f)
		case app.IsAccount(f.Name, holds):
			if err := args.account(inv, f); err != nil {
				return nil, err
			}
		default:
			zones = append(zones, f)
		}
	}
	laid, err := overlay(ctx, zones, plans)
	if err != nil {
		return nil, err
	}
	inv.Zones(laid)
	if laid == nil {
		return inv.Result(ctx, nil), nil
	}
	r := resolve.New(resolve.Options{Zones: laid, Timeout: app.Timeout, Concurrency: app.InFlight})
	defer r.Close()
	return inv.Result(ctx, r), nil
}

// account reads answers of AWS.
func (args ImportArgs) account(inv *inventory.Inventory, f File) error {
	hint := account.FromPath(f.Name)
	if args.Identity != "" {
		hint.Identity = args.Identity
	}
	said := &account.Account{}
	if err := said.Read(strings.NewReader(f.Text), hint); err != nil {
		return err
	}
	said.NotePages()
	inv.Account(said)
	return nil
}

// Workflow is a workflow, and where it goes.
type Workflow struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// Workflow is the workflow that init writes. It checks sescheck.yaml.
func (e *Engine) Workflow() Workflow {
	return Workflow{app.WorkflowPath, app.Workflow()}
}
