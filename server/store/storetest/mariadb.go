// Package storetest gives tests a real database of each kind.
// It knows how to start MariaDB on a private port in a temporary folder; it knows nothing of the tables.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver of the database that is started here

	"golang.org/x/sys/unix"

	"sendjay/server/store"
)

var (
	start  sync.Once
	addr   string
	failed error
	server *exec.Cmd
	folder string
	number atomic.Int64
)

// running names the address (host:port) of a server to use in place of one started here, with the password
// "secret" for root: so the same tests run on MySQL itself. Each schema made there is dropped again.
const running = "SENDJAY_TEST_MYSQL"

// Main runs the tests and stops the MariaDB that they may have started. Call it from TestMain.
func Main(m *testing.M) {
	code := m.Run()
	Stop()
	os.Exit(code)
}

// Stop ends the MariaDB that MariaDB started, if any.
func Stop() {
	if server != nil {
		_ = server.Process.Signal(syscall.SIGKILL)
		_ = server.Wait()
	}
	if folder != "" {
		_ = os.RemoveAll(folder)
	}
}

// MariaDB returns the address of a new, empty schema on a real server.
func MariaDB(t testing.TB) string {
	t.Helper()
	start.Do(func() {
		if addr = os.Getenv(running); addr == "" {
			_, inTest := t.(*testing.T)
			failed = startServer(inTest)
		}
	})
	if failed != nil {
		t.Fatalf("MariaDB does not start: %v", failed)
	}
	schema := fmt.Sprintf("sendjay_%d_%d", os.Getpid(), number.Add(1))
	db, err := sql.Open("mysql", "root:secret@tcp("+addr+")/")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+schema+" CHARACTER SET utf8mb4"); err != nil {
		t.Fatal(err)
	}
	if os.Getenv(running) != "" {
		t.Cleanup(func() { drop(t, schema) })
	}
	return "mysql://root:secret@" + addr + "/" + schema
}

func drop(t testing.TB, schema string) {
	db, err := sql.Open("mysql", "root:secret@tcp("+addr+")/")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), "DROP DATABASE "+schema); err != nil {
		t.Error(err)
	}
}

// startServer starts MariaDB. In memory it makes a schema thirty times as fast as where every table is a file that
// has to reach the disk; that outlives any end of the server. On the disk its sizes are those that it comes with.
func startServer(inMemory bool) error {
	parent := ""
	if inMemory {
		parent = memory()
	}
	dir, err := os.MkdirTemp(parent, "sendjay-maria-*")
	if err != nil {
		return err
	}
	folder = dir
	mariadbd, err := exec.LookPath("mariadbd")
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	addr = l.Addr().String()
	_ = l.Close()
	_, port, _ := net.SplitHostPort(addr)
	me, err := user.Current()
	if err != nil {
		return err
	}
	ctx := context.Background()
	data := filepath.Join(dir, "data")
	install := exec.CommandContext(ctx, "mariadb-install-db", "--no-defaults", "--user="+me.Username, "--datadir="+data,
		"--auth-root-authentication-method=normal", "--skip-test-db")
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	boot := filepath.Join(dir, "boot.sql")
	if err := os.WriteFile(boot, []byte("ALTER USER root@localhost IDENTIFIED BY 'secret';\n"), 0o600); err != nil {
		return err
	}
	server = exec.CommandContext(ctx, mariadbd, "--no-defaults", "--user="+me.Username, "--datadir="+data, "--port="+port,
		"--bind-address=127.0.0.1", "--socket="+filepath.Join(dir, "s"), "--pid-file="+filepath.Join(dir, "pid"), "--init-file="+boot,
		"--innodb-flush-log-at-trx-commit=1", "--performance-schema=OFF", "--skip-name-resolve=OFF")
	if inMemory {
		server.Args = append(server.Args, "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=64M")
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		return err
	}
	db, err := sql.Open("mysql", "root:secret@tcp("+addr+")/")
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for db.PingContext(ctx) != nil {
		select {
		case <-ctx.Done():
			text, _ := os.ReadFile(filepath.Join(dir, "log"))
			return fmt.Errorf("no answer in a minute: %s", text)
		case <-tick.C:
		}
	}
	return nil
}

// memory returns the folder that Linux keeps in memory, or "" for none with enough room.
func memory() string {
	const folder, enough = "/dev/shm", 2 << 30
	var of unix.Statfs_t
	if unix.Statfs(folder, &of) != nil || of.Bavail*uint64(of.Bsize) < enough || unix.Access(folder, unix.W_OK) != nil {
		return ""
	}
	return folder
}

// Each runs f on an empty store of each kind.
func Each(t *testing.T, f func(t *testing.T, s *store.Store)) {
	t.Helper()
	EachWith(t, store.Config{}, f)
}

// EachWith is Each with a configuration of which the database is filled in.
func EachWith(t *testing.T, c store.Config, f func(t *testing.T, s *store.Store)) {
	t.Helper()
	for _, kind := range []string{"sqlite", "mariadb"} {
		t.Run(kind, func(t *testing.T) {
			c := c
			if c.Dir = t.TempDir(); kind == "mariadb" {
				c.DSN = MariaDB(t)
			}
			s, err := store.Open(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			f(t, s)
		})
	}
}
