package main

import (
	"context"
	"fmt"
	"io"

	"github.com/google/uuid"

	"sendjay/server/auth"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// demoPassword is everybody's in the made-up company, which only ever starts on an empty database.
const demoPassword = "sendjay-demo"

// The made-up company. Nobody in it exists.
var (
	demoOrgs = []store.OrgRow{
		{Code: "S00", Name: "센드제이", Seq: "A00", Level: 0},
		{Code: "S10", Name: "영업본부", Seq: "A10", Level: 1},
		{Code: "A10", Name: "국내영업팀", Seq: "A11", Level: 2},
		{Code: "A11", Name: "해외영업팀", Seq: "A12", Level: 2},
		{Code: "S20", Name: "개발본부", Seq: "A20", Level: 1},
		{Code: "B10", Name: "플랫폼팀", Seq: "A21", Level: 2},
		{Code: "B11", Name: "모바일팀", Seq: "A22", Level: 2},
		{Code: "S30", Name: "경영지원실", Seq: "A30", Level: 1},
		{Code: "C10", Name: "인사총무팀", Seq: "A31", Level: 2},
	}

	demoPeople = []struct{ id, name, org, job string }{
		{"kim", "김서연", "A10", "팀장"},
		{"lee", "이준호", "A10", "대리"},
		{"park", "박지민", "B10", "책임"},
		{"choi", "최유진", "B10", "선임"},
		{"jung", "정하늘", "B11", "팀장"},
		{"kang", "강민재", "B11", "사원"},
		{"cho", "조은서", "A11", "과장"},
		{"yoon", "윤도현", "A11", "사원"},
		{"jang", "장미래", "C10", "부장"},
		{"lim", "임재현", "C10", "대리"},
		{"han", "한소희", "A10", "사원"},
		{"oh", "오세훈", "B10", "선임"},
		{"seo", "서다은", "C10", "사원"},
		{"shin", "신우진", "B11", "책임"},
		{"hwang", "Emma Hwang", "A11", "Manager"},
	}

	demoRooms = []struct {
		title   string
		members []protocol.UserID
		talk    [][2]string
	}{
		{"", []protocol.UserID{"kim", "lee"}, [][2]string{
			{"lee", "팀장님, 이번 주 견적서 초안 올려 두었습니다."},
			{"kim", "네, 오후에 볼게요. 납기 부분은 확정된 건가요?"},
			{"lee", "아직이요. 공장에서 내일 오전까지 답 주기로 했습니다."},
			{"kim", "알겠어요. 답 오면 바로 알려 주세요 🙏"},
		}},
		{"국내영업팀", []protocol.UserID{"kim", "lee", "han"}, [][2]string{
			{"kim", "내일 주간회의는 10시로 30분 늦출게요."},
			{"han", "네, 확인했습니다!"},
			{"lee", "회의 자료는 https://intranet.example.com/weekly/47 에 있습니다."},
			{"kim", "고마워요. 다들 먼저 읽고 와 주세요."},
		}},
		{"신제품 출시 준비", []protocol.UserID{"kim", "lee", "park", "choi", "jung", "cho", "jang"}, [][2]string{
			{"jang", "출시일은 12월 15일로 확정되었습니다."},
			{"park", "플랫폼 쪽은 이번 주 금요일에 코드 동결합니다."},
			{"jung", "모바일은 심사 때문에 하루 먼저 올릴게요."},
			{"cho", "해외 보도자료 번역은 끝났어요."},
			{"choi", "부하 시험 결과 공유드립니다.\n- 동시 접속 5,000명 이상 없음\n- 평균 응답 1.6ms"},
			{"kim", "👍"},
			{"jang", "그럼 월요일 오전에 최종 점검 회의 잡겠습니다. 모두 참석 부탁드려요."},
		}},
		{"", []protocol.UserID{"lee", "park"}, [][2]string{
			{"park", "지난번 말씀하신 연동 규격 문서 어디 있을까요?"},
			{"lee", "제가 메일로 다시 보내 드릴게요."},
		}},
		{"점심 메뉴", []protocol.UserID{"lee", "choi", "kang", "yoon", "seo"}, [][2]string{
			{"kang", "오늘은 국밥 어떠세요?"},
			{"seo", "저는 좋아요"},
			{"yoon", "ㅋㅋㅋㅋ 3일 연속인데요"},
		}},
	}
)

// demo fills an empty database with the made-up company and prints how to sign in.
func demo(ctx context.Context, db *store.Store, stdout io.Writer) error {
	hash := auth.Hash(demoPassword)
	names := map[string]string{}
	units := map[string]string{}
	for _, o := range demoOrgs {
		units[o.Code] = o.Name
	}
	if err := db.SetOrgs(ctx, demoOrgs); err != nil {
		return err
	}
	for i, p := range demoPeople {
		names[p.id] = p.name
		if err := db.AddAccount(ctx, store.Account{
			User: protocol.User{
				ID: protocol.UserID(p.id), Name: p.name, Org: p.org, OrgName: units[p.org], Job: p.job, Admin: p.id == "kim",
				Phone: fmt.Sprintf("010-0000-%04d", 1000+i), Mail: p.id + "@example.com",
			},
			PasswordHash: hash, Active: true,
		}); err != nil {
			return err
		}
	}
	// One of them looks after two teams.
	if err := db.SetPosts(ctx, "jung", []store.Post{{User: "jung", Org: "B10", Job: "자문"}}); err != nil {
		return err
	}
	for _, r := range demoRooms {
		made, err := db.CreateRoom(ctx, r.members[0], r.members, r.title, nil)
		if err != nil {
			return err
		}
		for i, line := range r.talk {
			id, err := uuid.NewV7()
			if err != nil {
				return err
			}
			sent, err := db.Send(ctx, store.NewMessage{
				ID: protocol.MessageID(id.String()), Room: made.Room, Sender: protocol.UserID(line[0]), SenderName: names[line[0]], Body: line[1],
			}, nil)
			if err != nil {
				return err
			}
			// Who writes has read what was there; the last lines stay unread for the others.
			seq := sent.Message.Seq
			readers := []protocol.UserID{protocol.UserID(line[0])}
			if i < len(r.talk)-2 {
				readers = r.members
			}
			for _, who := range readers {
				if _, err := db.Read(ctx, made.Room, who, seq, nil); err != nil {
					return err
				}
			}
		}
	}
	fmt.Fprintf(stdout, "\nA made-up company is in the database. Sign in as\n    kim   %s   (김서연, administrator)\n    lee   %s   (이준호)\nEverybody else has the same password: park, choi, jung, …\n\n", demoPassword, demoPassword)
	return nil
}
