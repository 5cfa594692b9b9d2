#ifndef SENDJAY_LOADER_WINDOWS_H
#define SENDJAY_LOADER_WINDOWS_H

#include <wchar.h>

/* Says which engine webview_go is to get: the folder of a fixed WebView2 runtime, or NULL for the evergreen one, and the
   folder of its storage, or NULL. Reports whether it is there. Both are kept; call it before the web view is made. */
int sendjay_engine(const wchar_t *folder, const wchar_t *data);
/* Reports whether webview_go has asked us for the engine. It does so only when it is built for that; see loader_windows.c. */
int sendjay_asked(void);

#endif
