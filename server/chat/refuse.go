package chat

import "sendjay/server/refusal"

// refuse is short for what all say in the same way.
var refuse = refusal.By
