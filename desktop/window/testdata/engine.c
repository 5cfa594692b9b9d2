// A stand-in for EmbeddedBrowserWebView.dll: it tells where it was loaded from and what it was asked, and what is asked of
// its environment ends the engine's main process.
#include <stdio.h>
#include <windows.h>

typedef struct object object;
typedef HRESULT(STDMETHODCALLTYPE *method)(object *, void *, void *);
struct object {
	method *table;
};

static object *listener;

static void tell(const char *line) {
	puts(line);
	fflush(stdout);
}

static HRESULT STDMETHODCALLTYPE same(object *self, void *id, void *out) {
	(void)id;
	*(object **)out = self;
	return S_OK;
}
static HRESULT STDMETHODCALLTYPE one(object *self, void *a, void *b) {
	(void)self, (void)a, (void)b;
	return 1;
}
static HRESULT STDMETHODCALLTYPE never(object *self, void *a, void *b) {
	(void)self, (void)a, (void)b;
	tell("a wrong method was called");
	ExitProcess(70);
}
static HRESULT STDMETHODCALLTYPE failed(object *self, void *kind, void *b) {
	(void)self, (void)b;
	*(int *)kind = 1;
	return S_OK;
}
static HRESULT STDMETHODCALLTYPE hears(object *self, void *handler, void *token) {
	(void)self;
	listener = handler;
	*(INT64 *)token = 1;
	return S_OK;
}
static HRESULT STDMETHODCALLTYPE controller(object *self, void *window, void *handler) {
	static method table[] = {same, one, one, failed};
	static object args = {table};
	(void)handler;
	if (!listener || !IsWindow(window))
		ExitProcess(71);
	tell("the process ends");
	listener->table[3](listener, self, &args);
	ExitProcess(72); // whoever hears of it is gone
}

__declspec(dllexport) HRESULT STDMETHODCALLTYPE CreateWebViewEnvironmentWithOptionsInternal(BOOLEAN a, int kind, PCWSTR data, void *options, object *handler) {
	static method table[] = {same, one, one, controller, never, never, never, never, never, never, never, never, hears, never};
	static object environment = {table};
	static const GUID completed = {0x4e8a3389, 0xc9d8, 0x4bd2, {0xb6, 0xb5, 0x12, 0x4f, 0xee, 0x6c, 0xc1, 0x4d}};
	static const GUID marshal = {3, 0, 0, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
	wchar_t self[MAX_PATH];
	char path[3 * MAX_PATH], to[3 * MAX_PATH] = "";
	HMODULE dll;
	object *got;
	(void)a, (void)options;
	GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, (LPCWSTR)CreateWebViewEnvironmentWithOptionsInternal, &dll);
	GetModuleFileNameW(dll, self, MAX_PATH);
	WideCharToMultiByte(CP_UTF8, 0, self, -1, path, sizeof path, NULL, NULL);
	WideCharToMultiByte(CP_UTF8, 0, data, -1, to, sizeof to, NULL, NULL);
	printf("loaded %s as %d with %s\n", path, kind, to);
	fflush(stdout);
	if (handler->table[0](handler, (void *)&completed, &got) || got != handler || !handler->table[0](handler, (void *)&marshal, &got))
		ExitProcess(73);
	return handler->table[3](handler, S_OK, &environment);
}
