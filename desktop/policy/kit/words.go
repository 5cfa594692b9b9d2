package main

import (
	"fmt"
	"slices"
	"strings"

	"sendjay/desktop/policy"
)

// kind is how a value is given.
type kind int

const (
	text   kind = iota
	toggle      // on or off
	choice      // one of choices
	number      // whole; choices are suggestions
)

// words are what a person reads of a key in one language, beside its explanation.
type words struct{ title, about string }

// key is a policy with all that is said of it.
type key struct {
	policy.Key
	kind    kind
	choices []string
	ko, en  words
}

// rows say of each key what desktop/policy does not: how it is given and what it is called. The English explanation is
// the one of the program's own help.
var rows = map[string]key{
	"Server": {ko: words{"서버 주소", "서버의 주소예요. 예: https://talk.example.com"}, en: words{title: "Address of the server"}},
	"AllowOtherServers": {
		kind: toggle, ko: words{"다른 서버 선택 허용", "사용자가 다른 서버를 고를 수 있는지 정해요."},
		en: words{title: "Allow other servers"},
	},
	"StartHidden": {kind: toggle, ko: words{"창 없이 시작", "시작할 때 창을 열지 않고 트레이에만 있어요."}, en: words{title: "Start without a window"}},
	"WebView2Folder": {
		ko: words{"고정 버전 WebView2 폴더", "Windows의 WebView2에 문제가 있거나 이 컴퓨터에서 계속 꺼질 때 창이 대신 쓸 고정 버전 WebView2 런타임의 폴더예요. 여러 버전이 든 폴더도 돼요. 이 컴퓨터의 드라이브에 있어야 해요."},
		en: words{title: "Folder of a fixed WebView2 runtime"},
	},
	"WebView2BadVersions": {
		ko: words{"쓰지 않을 WebView2 버전", "프로그램이 아는 것에 더해 피할 WebView2 런타임 버전이에요. 버전이나 범위를 쉼표로 나눠 적어요. 예: 143.0.3650.96,149-151.0.4129. 맨 앞에 only를 적으면 프로그램의 목록 대신 이 목록만 써요."},
		en: words{title: "WebView2 versions to avoid"},
	},
	"ExtraCAFile": {
		ko: words{"추가 인증서 파일", "시스템 인증서 밖에서 더 믿을 인증서의 PEM 파일 경로예요."},
		en: words{title: "File of further certificates"},
	},
	"PinnedSPKI": {
		ko: words{"고정한 서버 키", "서버가 보여 줘야 하는 공개 키의 SHA-256 값(base64)이에요. 쉼표로 나누고, 바꿀 키도 미리 넣어 두세요."},
		en: words{title: "Pinned keys of the server"},
	},
	"Proxy": {
		ko: words{"프록시", "system(시스템 설정), direct(직접 연결), 프록시 주소(http://proxy:3128), 또는 pac+와 PAC 스크립트 주소예요."},
		en: words{title: "Proxy"},
	},
	"AuthServerAllowlist": {
		ko: words{"Kerberos 로그인 서버", "이 컴퓨터의 Kerberos 티켓으로 로그인할 수 있는 서버예요. 쉼표로 나누고, *.example.com은 그 아래 모두를 뜻해요."},
		en: words{title: "Servers for sign-in by Kerberos"},
	},
	"AllowSecretFile": {
		kind: toggle, ko: words{"암호화 파일 보관 허용", "시스템 열쇠 보관소가 없을 때 로그인 정보를 암호화한 파일에 둘 수 있는지 정해요."},
		en: words{title: "Allow an encrypted file for the credential"},
	},
	"WindowIdleExitMinutes": {
		kind: number, choices: []string{"15", "0", "5", "60", "-1"},
		ko: words{"닫은 창을 끝낼 때까지(분)", "닫은 창이 메모리를 돌려줄 때까지의 시간(분)이에요. 0은 바로, -1은 끝내지 않음이에요."},
		en: words{title: "Minutes until a closed window ends"},
	},
	"RemoteSession": {
		kind: choice, choices: []string{"auto", "on", "off"},
		ko: words{"원격 세션", "터미널 서버에서처럼 적게 그릴지(그래픽 카드와 움직임 없이) 정해요. auto는 세션이 원격인지 보고 정해요."},
		en: words{title: "Remote session"},
	},
	"NotificationPreview": {
		kind: choice, choices: []string{"full", "sender", "none"},
		ko: words{"알림에 보이는 것", "full은 보낸 사람과 내용, sender는 보낸 사람만, none은 새 메시지가 왔다는 것만 보여요."},
		en: words{title: "What a notification shows"},
	},
	"Autostart": {
		kind: toggle, ko: words{"로그인할 때 시작", "컴퓨터에 로그인할 때 시작할지 정해요. 정하지 않으면 사용자가 골라요."},
		en: words{title: "Start at sign-in"},
	},
	"Updates": {
		kind: choice, choices: []string{"auto", "notify", "off"},
		ko: words{"업데이트", "auto는 새 버전을 알아서 설치하고, notify는 알리기만 하고, off는 찾지 않아요."},
		en: words{title: "Updates"},
	},
	"UpdateChannel": {
		kind: choice, choices: []string{"stable", "early", "lts"},
		ko: words{"업데이트 채널", "받을 버전의 채널이에요: stable(안정), early(먼저), lts(오래 지원)."},
		en: words{title: "Channel of updates"},
	},
	"UpdateKey": {
		ko: words{"업데이트 공개 키", "새 버전에 서명하는 minisign 공개 키예요. 프로그램에 든 키를 대신해요. 모든 사용자용으로 설치했으면 컴퓨터 정책에 넣어 주세요."},
		en: words{title: "Public key of updates"},
	},
	"LogLevel": {
		kind: choice, choices: []string{"debug", "info", "warn", "error"},
		ko: words{"기록 수준", "어디까지 기록할지 정해요: debug, info, warn, error."},
		en: words{title: "Level of the log"},
	},
}

// described joins the keys with their rows. A key without one, or a row without its key, is an error.
func described(keys []policy.Key) ([]key, error) {
	var all []key
	for _, k := range keys {
		row, ok := rows[k.Name]
		if !ok {
			return nil, fmt.Errorf("nothing is said of %s", k.Name)
		}
		row.Key, row.en.about = k, row.sentence(k.About)
		all = append(all, row)
	}
	if len(all) != len(rows) {
		return nil, fmt.Errorf("something is said of %d keys, and there are %d", len(rows), len(all))
	}
	return all, nil
}

// sentence makes one of what the help says. A value at its beginning stays as it has to be written.
func (k key) sentence(about string) string {
	first, _, _ := strings.Cut(about, " ")
	first = strings.TrimRight(first, ",")
	if !slices.Contains(k.choices, first) && first != k.Preset {
		about = strings.ToUpper(about[:1]) + about[1:]
	}
	return about + "."
}
