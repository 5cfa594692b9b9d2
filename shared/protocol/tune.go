package protocol

// LimitName names a limit that administrators may change while the server runs. It is the name of the setting too.
type LimitName string

// The limits that may be changed.
const (
	LimitMaxFile      LimitName = "max-file"
	LimitPersonSpace  LimitName = "person-space"
	LimitRoomSpace    LimitName = "room-space"
	LimitLiveFiles    LimitName = "live-files"
	LimitFileLife     LimitName = "file-life"
	LimitMessageLife  LimitName = "message-life"
	LimitCancelWindow LimitName = "cancel-window"
	LimitEditWindow   LimitName = "edit-window"
	LimitSearchWindow LimitName = "search-window"
	LimitPreviews     LimitName = "previews"
	LimitUrgent       LimitName = "urgent-per-hour"
	LimitSessions     LimitName = "sessions"
	LimitRefreshLife  LimitName = "refresh-life"
	LimitLogLife      LimitName = "log-life"
)

// LimitKind says in what a limit is counted.
type LimitKind string

// The kinds of limits. A switch is 1 for on and 0 for off.
const (
	InBytes   LimitKind = "bytes"
	InSeconds LimitKind = "seconds"
	InNumber  LimitKind = "number"
	IsSwitch  LimitKind = "switch"
)

// TunedLimit is a limit as it holds now.
type TunedLimit struct {
	Name   LimitName `json:"name"`
	Kind   LimitKind `json:"kind"`
	Value  int64     `json:"value"`
	Preset int64     `json:"preset"`
	// Least and Most bound what can be set; Zero is set where 0 is one more choice: without a bound, or never.
	Least int64 `json:"least"`
	Most  int64 `json:"most"`
	Zero  bool  `json:"zero"`
	// Fixed is set where a flag, the environment or the file of settings decides, and nobody here.
	Fixed bool `json:"fixed"`
	// Set is set where an administrator has decided.
	Set bool `json:"set"`
}

// LimitsPage answers GET /admin/limits.
type LimitsPage struct {
	Limits []TunedLimit `json:"limits"`
}

// SetLimit gives one limit a value, or its preset back.
type SetLimit struct {
	Name   LimitName `json:"name"`
	Value  int64     `json:"value"`
	Preset bool      `json:"preset,omitempty"`
}

// SetLimits changes limits, all of them or none.
type SetLimits struct {
	Limits []SetLimit `json:"limits"`
}

// LimitsChanged tells clients of those limits that they show.
type LimitsChanged struct {
	CancelWindow int `json:"cancelWindow"`
	EditWindow   int `json:"editWindow"`
	Urgent       int `json:"urgent"`
}
