//go:build !linux && !windows

package attention

import (
	"context"
	"log/slog"
	"time"
)

// noSigns is a system that is not asked yet: the windows' own word counts.
type noSigns struct{}

func systemSigns(*slog.Logger) signs { return noSigns{} }

func (noSigns) idle() (time.Duration, bool)             { return 0, false }
func (noSigns) calls() bool                             { return false }
func (noSigns) locked() (bool, bool)                    { return false, false }
func (noSigns) watch(ctx context.Context, _ func(sign)) { <-ctx.Done() }
