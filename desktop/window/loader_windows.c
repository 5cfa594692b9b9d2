// The loader of the WebView2 runtime, in place of the one that webview_go brings along: that one takes no folder and reads
// no setting, so it knows the evergreen runtime alone and keeps its storage in the roaming profile.
// webview_go calls the two functions below, which are those of Microsoft's WebView2Loader.dll, when it is compiled with
// WEBVIEW_MSWEBVIEW2_BUILTIN_IMPL=0 (the Makefile does so) and the linker finds them here.
// What a runtime is asked is known from Microsoft's loader (https://github.com/jchv/OpenWebView2Loader) and the same as in
// webview_go's own.

#include "loader_windows.h"

#include <stdio.h>
#include <windows.h>

#define EVERGREEN L"SOFTWARE\\Microsoft\\EdgeUpdate\\ClientState\\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"
#define LIBRARY L"EBWebView\\x64\\EmbeddedBrowserWebView.dll"

enum { long_path = 1024 };
enum { exit_crashed = 4 }; // main.go
enum { installed = 0, fixed = 1 };

static wchar_t library[long_path], storage[long_path];
static int kind = installed, asked;

typedef struct object object;
typedef HRESULT(STDMETHODCALLTYPE *method)(object *, void *, void *);
struct object {
	method *table; // QueryInterface, AddRef, Release, and then its own
};

static int evergreen(HKEY root, wchar_t *folder) {
	HKEY key;
	DWORD size = (long_path - 64) * sizeof *folder;
	if (RegOpenKeyExW(root, EVERGREEN, 0, KEY_READ | KEY_WOW64_32KEY, &key))
		return 0;
	LSTATUS s = RegGetValueW(key, NULL, L"EBWebView", RRF_RT_REG_SZ, NULL, folder, &size);
	RegCloseKey(key);
	return s == ERROR_SUCCESS && *folder;
}

int sendjay_engine(const wchar_t *folder, const wchar_t *data) {
	wchar_t found[long_path];
	kind = folder ? fixed : installed;
	if (!folder) {
		if (!evergreen(HKEY_LOCAL_MACHINE, found) && !evergreen(HKEY_CURRENT_USER, found))
			return 0;
		folder = found;
	}
	if (wcslen(folder) > long_path - 64 || (data && wcslen(data) >= long_path))
		return 0;
	swprintf(library, long_path, L"%ls\\" LIBRARY, folder);
	wcscpy(storage, data ? data : L"");
	return GetFileAttributesW(library) != INVALID_FILE_ATTRIBUTES;
}

int sendjay_asked(void) { return asked; }

// The engine's main process has ended. webview_go does not listen, and its window would stay white; the tray starts
// another one, and counts.
static HRESULT STDMETHODCALLTYPE exited(object *self, void *environment, void *about) {
	(void)self, (void)environment;
	int failed = 1; // COREWEBVIEW2_BROWSER_PROCESS_EXIT_KIND
	object *args = about;
	if (args)
		args->table[3](args, &failed, NULL); // get_BrowserProcessExitKind
	if (!failed)
		return S_OK;
	fputs("sendjay-window: the web engine has ended by itself\n", stderr);
	fflush(stderr);
	TerminateProcess(GetCurrentProcess(), exit_crashed); // nothing of the engine is in a state to be closed
	return S_OK;
}

// What we hand out is never freed, and is asked for by these names alone.
static const GUID unknown = {0, 0, 0, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
static const GUID completed_handler = {0x4e8a3389, 0xc9d8, 0x4bd2, {0xb6, 0xb5, 0x12, 0x4f, 0xee, 0x6c, 0xc1, 0x4d}};
static const GUID exited_handler = {0xfa504257, 0xa216, 0x4911, {0xa8, 0x60, 0xfe, 0x88, 0x25, 0x71, 0x28, 0x61}};

static HRESULT give(object *self, const GUID *own, void *id, void *out) {
	int is = IsEqualGUID((const GUID *)id, &unknown) || IsEqualGUID((const GUID *)id, own);
	*(object **)out = is ? self : NULL;
	return is ? S_OK : E_NOINTERFACE;
}
static HRESULT STDMETHODCALLTYPE is_completed(object *self, void *id, void *out) { return give(self, &completed_handler, id, out); }
static HRESULT STDMETHODCALLTYPE is_exited(object *self, void *id, void *out) { return give(self, &exited_handler, id, out); }
static HRESULT STDMETHODCALLTYPE count(object *self, void *a, void *b) {
	(void)self, (void)a, (void)b;
	return 1;
}

static method listener_table[] = {is_exited, count, count, exited};
static object listener = {listener_table};

static object *inner;

// webview_go's handler comes first in its object and is called through this table.
static HRESULT STDMETHODCALLTYPE made(object *self, void *result, void *environment) {
	static const GUID environment5 = {0x319e423d, 0xe0d7, 0x4b8d, {0x92, 0x54, 0xae, 0x94, 0x75, 0xde, 0x9b, 0x17}};
	enum { add_browser_process_exited = 12 }; // ICoreWebView2Environment5, in WebView2.h
	(void)self;
	object *e = environment, *five = NULL;
	if (e && SUCCEEDED(e->table[0](e, (void *)&environment5, &five)) && five) {
		static INT64 token;
		five->table[add_browser_process_exited](five, &listener, &token);
		five->table[2](five, NULL, NULL);
	}
	return inner->table[3](inner, result, environment);
}

static method handler_table[] = {is_completed, count, count, made};
static object handler = {handler_table};

HRESULT STDMETHODCALLTYPE CreateCoreWebView2EnvironmentWithOptions(PCWSTR folder, PCWSTR data, void *options, object *completed) {
	typedef HRESULT(STDMETHODCALLTYPE * create_t)(BOOLEAN, int, PCWSTR, void *, object *);
	(void)folder; // webview_go names none
	HMODULE dll = LoadLibraryW(library);
	if (!dll)
		return HRESULT_FROM_WIN32(GetLastError());
	create_t create = (create_t)(void *)GetProcAddress(dll, "CreateWebViewEnvironmentWithOptionsInternal");
	if (!create)
		return HRESULT_FROM_WIN32(ERROR_PROC_NOT_FOUND);
	inner = completed;
	return create(TRUE, kind, *storage ? storage : data, options, &handler);
}

// webview_go wants to know only whether there is one.
HRESULT STDMETHODCALLTYPE GetAvailableCoreWebView2BrowserVersionString(PCWSTR folder, LPWSTR *version) {
	(void)folder;
	asked = 1;
	if (GetFileAttributesW(library) == INVALID_FILE_ATTRIBUTES)
		return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
	if (!(*version = CoTaskMemAlloc(sizeof **version)))
		return E_OUTOFMEMORY;
	**version = 0;
	return S_OK;
}
