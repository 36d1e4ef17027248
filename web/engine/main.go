//go:build js && wasm

// Command engine is sescheck in a browser: it sets globalThis.sescheck, an object of
// functions that take one plain object, and return a promise of one. Those that ask
// DNS also take a function that is called with the progress, and an AbortSignal.
// worker.js calls them.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"syscall/js"
	"time"

	"github.com/sescheck/sescheck/internal/resolve/transport"
	"github.com/sescheck/sescheck/internal/web"
)

var version = "devel" // set by the linker

func main() {
	debug.SetMemoryLimit(512 << 20)
	engine := &web.Engine{
		Version: version,
		Now:     time.Now,
		Dial:    func(resolver string) (transport.Exchanger, error) { return transport.NewFetch(resolver) },
	}
	js.Global().Set("sescheck", map[string]any{
		"version": function(func(context.Context, struct{}, func(web.Progress)) any {
			return map[string]string{"version": version}
		}),
		"lint": function(func(_ context.Context, args web.LintArgs, _ func(web.Progress)) any { return engine.Lint(args) }),
		"inspect": function(func(ctx context.Context, args web.InspectArgs, p func(web.Progress)) any {
			return engine.Inspect(ctx, args, p)
		}),
		"check": function(func(ctx context.Context, args web.CheckArgs, p func(web.Progress)) any {
			return engine.Check(ctx, args, p)
		}),
		"import": function(func(ctx context.Context, args web.ImportArgs, _ func(web.Progress)) any {
			return engine.Import(ctx, args)
		}),
		"workflow": function(func(context.Context, struct{}, func(web.Progress)) any { return engine.Workflow() }),
	})
	select {}
}

// function is do as JavaScript calls it. It returns a promise, which is rejected
// where the arguments are wrong or do panics.
func function[Args any](do func(context.Context, Args, func(web.Progress)) any) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any {
		args = append(args, js.Undefined(), js.Undefined(), js.Undefined())
		text := "{}"
		if args[0].Type() == js.TypeObject {
			text = js.Global().Get("JSON").Call("stringify", args[0]).String()
		}
		var executor js.Func
		executor = js.FuncOf(func(_ js.Value, settle []js.Value) any {
			executor.Release()
			go func() {
				defer func() {
					if wrong := recover(); wrong != nil {
						settle[1].Invoke(js.Global().Get("Error").New(fmt.Sprintf("sescheck failed: %v\n%s", wrong, debug.Stack())))
					}
				}()
				var in Args
				if err := json.Unmarshal([]byte(text), &in); err != nil {
					settle[1].Invoke(js.Global().Get("Error").New(err.Error()))
					return
				}
				ctx, cancel := aborted(args[2])
				defer cancel()
				out, err := json.Marshal(do(ctx, in, progress(args[1])))
				if err != nil {
					panic(err)
				}
				settle[0].Invoke(js.Global().Get("JSON").Call("parse", string(out)))
			}()
			return nil
		})
		return js.Global().Get("Promise").New(executor)
	})
}

// aborted is a context that an AbortSignal ends.
func aborted(signal js.Value) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	if signal.Type() != js.TypeObject {
		return ctx, cancel
	}
	abort := js.FuncOf(func(js.Value, []js.Value) any {
		cancel()
		return nil
	})
	signal.Call("addEventListener", "abort", abort)
	return ctx, func() {
		signal.Call("removeEventListener", "abort", abort)
		abort.Release()
		cancel()
	}
}

// pause is how long a run works until the events of the browser get a turn.
const pause = 50 * time.Millisecond

// progress calls a function with the progress, and now and then lets the events of
// the browser have a turn: there is one thread for all.
func progress(call js.Value) func(web.Progress) {
	turn := time.Now()
	return func(p web.Progress) {
		if now := time.Now(); now.Sub(turn) >= pause {
			yield()
			turn = time.Now()
		}
		if call.Type() == js.TypeFunction {
			call.Invoke(map[string]any{"done": p.Done, "of": p.Of, "queries": p.Queries})
		}
	}
}

// yield waits for the next task of the event loop.
func yield() {
	done := make(chan struct{})
	var resume js.Func
	resume = js.FuncOf(func(js.Value, []js.Value) any {
		resume.Release()
		close(done)
		return nil
	})
	js.Global().Call("setTimeout", resume, 0)
	<-done
}
