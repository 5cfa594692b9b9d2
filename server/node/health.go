package node

import (
	"context"
	"maps"
	"runtime/metrics"
	"slices"

	"sendjay/shared/protocol"
)

// health is how this node is, for those who look after it.
func (n *Node) health(ctx context.Context) (protocol.Health, error) {
	h := protocol.Health{
		Version: protocol.Version, Node: n.name, Since: n.since, Sessions: n.sessions.Count(),
		Missing: slices.Sorted(maps.Keys(n.missing(ctx))),
	}
	memory := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(memory)
	h.Memory = int64(memory[0].Value.Uint64() - memory[1].Value.Uint64())
	if h.Missing == nil {
		h.Missing = []string{}
	}
	var err error
	if h.People, h.Active, err = n.db.PeopleCount(ctx); err != nil {
		return h, err
	}
	size, err := n.db.Size(ctx)
	if err != nil {
		return h, err
	}
	h.Database, h.Stored, h.Files = size.Database, size.Tables, size.Files
	for _, folder := range n.folders {
		if free, all, err := disk(folder); err == nil && (h.Disk == 0 || free < h.Free) {
			h.Free, h.Disk = free, all
		}
	}
	h.Audit, _, h.Broken, err = n.db.VerifyAudit(ctx)
	return h, err
}
