// The manners that webview_go leaves out, on GTK 3 and WebKitGTK 4.1: no proxy for loopback, foreign
// links go out to the browser, closing hides, a dead web process is told of, size is told.
// Lines are written straight to file descriptor 1, so that no Go code runs inside GTK callbacks.

#include "native_linux.h"

#include <gdk/gdkx.h>
#include <gtk/gtk.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include <webkit2/webkit2.h>

static GtkWidget *window;
static WebKitWebView *view;
static struct sendjay_options opt;
static char *origin;          // scheme://host:port of the page, without a slash at the end
static guint settle;          // pending report of size and place
static char last_place[96];   // the last one told
static gint64 last_crash = -1;

static void say(const char *format, ...) {
	va_list args;
	va_start(args, format);
	char *line = g_strdup_vprintf(format, args);
	va_end(args);
	for (char *c = line; *c; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	char *whole = g_strconcat(line, "\n", NULL);
	if (write(STDOUT_FILENO, whole, strlen(whole)) < 0)
		gtk_main_quit(); // nobody listens any more
	g_free(whole);
	g_free(line);
}

// speak tells the engine the person's language. By itself it knows only those that the C library has
// data for, which a small installation lacks.
static void speak(WebKitWebContext *context) {
	for (const char *const *name = g_get_language_names(); *name; name++) {
		if (g_str_equal(*name, "C") || g_str_equal(*name, "POSIX") || strpbrk(*name, ".@"))
			continue;
		// Where a dictionary of it is installed, what is written is checked with it.
		const char *dictionaries[] = {*name, "en_US", NULL};
		webkit_web_context_set_spell_checking_languages(context, dictionaries);
		webkit_web_context_set_spell_checking_enabled(context, TRUE);
		const char *languages[] = {g_strdelimit(g_strdup(*name), "_", '-'), NULL};
		webkit_web_context_set_preferred_languages(context, languages);
		g_free((char *)languages[0]);
		return;
	}
}

// GTK's input method for what X itself composes (XIM, which GTK takes for Korean where no other is installed) asks
// for the X window of the view. The view has none of its own until then, and GTK paints what gets one so late never
// again: the page stands still from the first click into a field. So every input method gets the outer window, which
// the view fills from corner to corner.
static void (*client_window)(GtkIMContext *, GdkWindow *);

static void outer_window(GtkIMContext *c, GdkWindow *w) {
	client_window(c, w && GDK_IS_X11_WINDOW(w) ? gdk_window_get_toplevel(w) : w);
}

static void compose_outside(void) {
	GtkIMContextClass *k = g_type_class_ref(GTK_TYPE_IM_MULTICONTEXT); // what the engine composes with
	client_window = k->set_client_window;
	k->set_client_window = outer_window;
}

// webkit_web_view_new stands here in front of the library's own, which webview_go calls and which
// would take the default context: data folder, proxy and sandbox have to be settled before the
// first view exists, and webview_go offers no place for that.
GtkWidget *webkit_web_view_new(void) {
	WebKitWebsiteDataManager *store;
	if (opt.fleeting) {
		store = webkit_website_data_manager_new_ephemeral();
	} else if (opt.data && *opt.data) {
		char *cache = g_build_filename(opt.data, "cache", NULL);
		store = webkit_website_data_manager_new("base-data-directory", opt.data, "base-cache-directory", cache, NULL);
		g_free(cache);
	} else {
		store = webkit_website_data_manager_new(NULL);
	}
	// With http_proxy set and no no_proxy, WebKit would ask the proxy for 127.0.0.1.
	webkit_website_data_manager_set_network_proxy_settings(store, WEBKIT_NETWORK_PROXY_MODE_NO_PROXY, NULL);
	WebKitWebContext *context = webkit_web_context_new_with_website_data_manager(store);
	webkit_web_context_set_cache_model(context, WEBKIT_CACHE_MODEL_DOCUMENT_VIEWER);
	webkit_web_context_set_sandbox_enabled(context, opt.sandbox);
	speak(context);
	GtkWidget *v = webkit_web_view_new_with_context(context);
	g_object_unref(store);
	return v;
}

static gboolean same_origin(const char *uri) {
	if (!origin || !g_str_has_prefix(uri, origin))
		return FALSE;
	char next = uri[strlen(origin)];
	return next == 0 || next == '/' || next == '?' || next == '#';
}

static gboolean on_policy(WebKitWebView *v, WebKitPolicyDecision *d, WebKitPolicyDecisionType type, gpointer unused) {
	if (type == WEBKIT_POLICY_DECISION_TYPE_RESPONSE)
		return FALSE;
	WebKitNavigationAction *a = webkit_navigation_policy_decision_get_navigation_action(WEBKIT_NAVIGATION_POLICY_DECISION(d));
	const char *uri = webkit_uri_request_get_uri(webkit_navigation_action_get_request(a));
	if (type == WEBKIT_POLICY_DECISION_TYPE_NAVIGATION_ACTION &&
	    (same_origin(uri) || g_str_has_prefix(uri, "blob:") || g_str_equal(uri, "about:blank")))
		return FALSE;
	webkit_policy_decision_ignore(d);
	// A page that leaves by itself is only stopped; a person's click is carried out elsewhere.
	if (webkit_navigation_action_is_user_gesture(a) && strlen(uri) < 4000)
		say("open-external %s", uri);
	return TRUE;
}

// window.open comes here and not to the policy; a link with a target goes to the policy and not here.
static GtkWidget *on_create(WebKitWebView *v, WebKitNavigationAction *a, gpointer unused) {
	const char *uri = webkit_uri_request_get_uri(webkit_navigation_action_get_request(a));
	if (webkit_navigation_action_is_user_gesture(a) && uri && strlen(uri) < 4000)
		say("open-external %s", uri);
	return NULL;
}

static void on_terminated(WebKitWebView *v, WebKitWebProcessTerminationReason reason, gpointer unused) {
	gint64 now = g_get_monotonic_time();
	say("crashed");
	if (last_crash >= 0 && now - last_crash < 60 * G_USEC_PER_SEC)
		_exit(4); // twice within a minute: the tray decides
	last_crash = now; // the tray sends a link: what the page knew to open itself with is gone
}

static gboolean tell_place(gpointer unused) {
	settle = 0;
	if (!gtk_widget_get_visible(window))
		return G_SOURCE_REMOVE;
	int w, h, x, y;
	gboolean max = gtk_window_is_maximized(GTK_WINDOW(window));
	gtk_window_get_size(GTK_WINDOW(window), &w, &h);
	gtk_window_get_position(GTK_WINDOW(window), &x, &y);
	opt.max = max;
	if (!max) // while it fills the screen, the place to come back to is kept
		opt.w = w, opt.h = h, opt.x = x, opt.y = y, opt.fixed = TRUE;
	char at[32] = "";
	if (opt.fixed)
		g_snprintf(at, sizeof at, "%+d%+d", opt.x, opt.y);
	char line[96];
	g_snprintf(line, sizeof line, "moved %dx%d%s%s", opt.w, opt.h, at, max ? " max" : "");
	if (!g_str_equal(line, last_place)) {
		g_strlcpy(last_place, line, sizeof last_place);
		say("%s", line);
	}
	return G_SOURCE_REMOVE;
}

static void place_soon(void) {
	if (settle)
		g_source_remove(settle);
	settle = g_timeout_add(300, tell_place, NULL);
}

// put_away takes the window off the screen. The last place is told before, because a hidden one has none.
static void put_away(void) {
	if (settle)
		g_source_remove(settle);
	tell_place(NULL);
	gtk_widget_hide(window);
	say("closed");
}

// put_back asks for the place that the window had, because the system gives one that comes back a new
// one. What no monitor shows any more, or not whole, is moved to where it is seen.
static void put_back(void) {
	GdkDisplay *display = gdk_display_get_default();
	GdkMonitor *m = opt.fixed ? gdk_display_get_monitor_at_point(display, opt.x + opt.w / 2, opt.y + opt.h / 2)
	                          : gdk_display_get_primary_monitor(display);
	if (!m)
		m = gdk_display_get_monitor(display, 0);
	if (m) {
		const int bar = 32; // about what the system draws above a window
		GdkRectangle room;
		gdk_monitor_get_workarea(m, &room);
		opt.w = MAX(MIN(opt.w, room.width), opt.min_w);
		opt.h = MAX(MIN(opt.h, room.height - bar), opt.min_h);
		opt.x = MAX(MIN(opt.x, room.x + room.width - opt.w), room.x);
		opt.y = MAX(MIN(opt.y, room.y + room.height - bar - opt.h), room.y);
	}
	gtk_window_resize(GTK_WINDOW(window), opt.w, opt.h);
	if (opt.fixed)
		gtk_window_move(GTK_WINDOW(window), opt.x, opt.y);
	if (opt.max)
		gtk_window_maximize(GTK_WINDOW(window));
}

// The monitor of a window that is seen may go: then it moves to one that is there.
static void on_monitors(GdkScreen *s, gpointer unused) {
	if (!gtk_widget_get_visible(window) || gtk_window_is_maximized(GTK_WINDOW(window)))
		return;
	tell_place(NULL);
	put_back();
}

static void zoom_to(int percent) {
	opt.zoom = CLAMP(percent, opt.min_zoom, opt.max_zoom);
	webkit_web_view_set_zoom_level(view, opt.zoom / 100.0);
	say("zoom %d", opt.zoom);
}

static gboolean on_key(GtkWidget *w, GdkEventKey *e, gpointer unused) {
	guint held = e->state & gtk_accelerator_get_default_mod_mask();
	if ((held == GDK_CONTROL_MASK && gdk_keyval_to_lower(e->keyval) == GDK_KEY_v) || (held == GDK_SHIFT_MASK && e->keyval == GDK_KEY_Insert))
		return sendjay_paste_files(view);
	if ((held & ~GDK_SHIFT_MASK) != GDK_CONTROL_MASK)
		return FALSE;
	switch (e->keyval) {
	case GDK_KEY_plus:
	case GDK_KEY_equal:
	case GDK_KEY_KP_Add:
		zoom_to(opt.zoom + 10);
		return TRUE;
	case GDK_KEY_minus:
	case GDK_KEY_KP_Subtract:
		zoom_to(opt.zoom - 10);
		return TRUE;
	case GDK_KEY_0:
	case GDK_KEY_KP_0:
		zoom_to(100);
		return TRUE;
	}
	return FALSE;
}

// engine_word is what GTK calls an item, in whose translations it is in every language; in those of the engine it may not be.
static const char *engine_word(WebKitContextMenuAction a) {
	switch (a) {
	case WEBKIT_CONTEXT_MENU_ACTION_COPY:
		return "_Copy";
	case WEBKIT_CONTEXT_MENU_ACTION_CUT:
		return "Cu_t";
	case WEBKIT_CONTEXT_MENU_ACTION_PASTE:
		return "_Paste";
	case WEBKIT_CONTEXT_MENU_ACTION_DELETE:
		return "_Delete";
	case WEBKIT_CONTEXT_MENU_ACTION_SELECT_ALL:
		return "Select _All";
	case WEBKIT_CONTEXT_MENU_ACTION_INSERT_EMOJI:
		return "Insert _Emoji";
	default:
		return NULL;
	}
}

// reword puts an item that is called in the person's language in place of one that may not be.
static void reword(WebKitContextMenu *menu, WebKitContextMenuItem *item, int at) {
	WebKitContextMenuAction what = webkit_context_menu_item_get_stock_action(item);
	const char *word = engine_word(what);
	if (!word)
		return;
	gboolean able = g_action_get_enabled(webkit_context_menu_item_get_gaction(item));
	WebKitContextMenuItem *said = webkit_context_menu_item_new_from_stock_action_with_label(what, g_dgettext("gtk30", word));
	g_simple_action_set_enabled(G_SIMPLE_ACTION(webkit_context_menu_item_get_gaction(said)), able);
	webkit_context_menu_remove(menu, item);
	webkit_context_menu_insert(menu, said, at);
}

// on_menu leaves of the engine's own menu what a person can do with text: a messenger is no browser.
static gboolean on_menu(WebKitWebView *v, WebKitContextMenu *menu, GdkEvent *e, WebKitHitTestResult *hit, gpointer unused) {
	GList *next;
	for (GList *at = webkit_context_menu_get_items(menu); at; at = next) {
		next = at->next;
		switch (webkit_context_menu_item_get_stock_action(at->data)) {
		case WEBKIT_CONTEXT_MENU_ACTION_COPY:
		case WEBKIT_CONTEXT_MENU_ACTION_CUT:
		case WEBKIT_CONTEXT_MENU_ACTION_PASTE:
		case WEBKIT_CONTEXT_MENU_ACTION_PASTE_AS_PLAIN_TEXT:
		case WEBKIT_CONTEXT_MENU_ACTION_DELETE:
		case WEBKIT_CONTEXT_MENU_ACTION_SELECT_ALL:
		case WEBKIT_CONTEXT_MENU_ACTION_COPY_LINK_TO_CLIPBOARD:
		case WEBKIT_CONTEXT_MENU_ACTION_COPY_IMAGE_TO_CLIPBOARD:
		case WEBKIT_CONTEXT_MENU_ACTION_SPELLING_GUESS:
		case WEBKIT_CONTEXT_MENU_ACTION_NO_GUESSES_FOUND:
		case WEBKIT_CONTEXT_MENU_ACTION_IGNORE_SPELLING:
		case WEBKIT_CONTEXT_MENU_ACTION_LEARN_SPELLING:
		case WEBKIT_CONTEXT_MENU_ACTION_INSERT_EMOJI:
			break;
		default:
			webkit_context_menu_remove(menu, at->data);
		}
	}
	for (guint i = 0; i < webkit_context_menu_get_n_items(menu); i++)
		reword(menu, webkit_context_menu_get_item_at_position(menu, i), i);
	return webkit_context_menu_get_n_items(menu) == 0;
}

// A window is called as its page is: that of one room bears the room's name.
static void on_title(WebKitWebView *v, GParamSpec *p, gpointer unused) {
	const char *title = webkit_web_view_get_title(v);
	if (title && *title)
		gtk_window_set_title(GTK_WINDOW(window), title);
}

static gboolean on_delete(GtkWidget *w, GdkEvent *e, gpointer unused) {
	if (opt.minimise)
		gtk_window_iconify(GTK_WINDOW(w));
	else
		put_away();
	return TRUE;
}

static gboolean on_configure(GtkWidget *w, GdkEvent *e, gpointer unused) {
	place_soon();
	return FALSE;
}

static gboolean on_state(GtkWidget *w, GdkEventWindowState *e, gpointer unused) {
	if (e->changed_mask & GDK_WINDOW_STATE_MAXIMIZED)
		place_soon();
	return FALSE;
}

static void on_active(GObject *w, GParamSpec *p, gpointer unused) {
	say("focused %d", gtk_window_is_active(GTK_WINDOW(w)) ? 1 : 0);
}

static gboolean dark(void) {
	if (g_str_equal(opt.theme, "light"))
		return FALSE;
	if (g_str_equal(opt.theme, "dark"))
		return TRUE;
	gboolean prefers = FALSE;
	char *name = NULL;
	g_object_get(gtk_settings_get_default(), "gtk-application-prefer-dark-theme", &prefers, "gtk-theme-name", &name, NULL);
	gboolean is = prefers || (name && g_str_has_suffix(name, "-dark"));
	g_free(name);
	return is;
}

// The colours are those of the page (paper, light and dark), so that nothing flashes before it.
static void paint_ground(void) {
	GdkRGBA paper;
	gdk_rgba_parse(&paper, dark() ? "#14181d" : "#ffffff");
	webkit_web_view_set_background_color(view, &paper);
}

void *sendjay_window(const struct sendjay_options *o) {
	opt = *o;
	g_set_prgname("sendjay"); // WM_CLASS, whatever the file is called
	if (!gtk_init_check(NULL, NULL))
		return NULL;
	gdk_set_program_class("Sendjay");
	compose_outside();
	window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
	GdkGeometry least = {.min_width = o->min_w, .min_height = o->min_h};
	gtk_window_set_geometry_hints(GTK_WINDOW(window), NULL, &least, GDK_HINT_MIN_SIZE);
	gtk_window_set_default_size(GTK_WINDOW(window), o->w, o->h);
	GdkPixbufLoader *loader = gdk_pixbuf_loader_new();
	if (gdk_pixbuf_loader_write(loader, o->icon, o->icon_len, NULL) && gdk_pixbuf_loader_close(loader, NULL))
		gtk_window_set_icon(GTK_WINDOW(window), gdk_pixbuf_loader_get_pixbuf(loader));
	g_object_unref(loader);
	g_signal_connect(window, "delete-event", G_CALLBACK(on_delete), NULL);
	g_signal_connect(window, "configure-event", G_CALLBACK(on_configure), NULL);
	g_signal_connect(window, "window-state-event", G_CALLBACK(on_state), NULL);
	g_signal_connect(window, "notify::is-active", G_CALLBACK(on_active), NULL);
	g_signal_connect(window, "key-press-event", G_CALLBACK(on_key), NULL);
	g_signal_connect(gtk_window_get_screen(GTK_WINDOW(window)), "monitors-changed", G_CALLBACK(on_monitors), NULL);
	return window;
}

int sendjay_dress(void *w) {
	GtkWidget *child = gtk_bin_get_child(GTK_BIN(w));
	if (!child || !WEBKIT_IS_WEB_VIEW(child))
		return 0;
	view = WEBKIT_WEB_VIEW(child);
	WebKitSettings *s = webkit_web_view_get_settings(view);
	if (g_str_equal(opt.accel, "off"))
		webkit_settings_set_hardware_acceleration_policy(s, WEBKIT_HARDWARE_ACCELERATION_POLICY_NEVER);
	else if (g_str_equal(opt.accel, "on"))
		webkit_settings_set_hardware_acceleration_policy(s, WEBKIT_HARDWARE_ACCELERATION_POLICY_ALWAYS);
	paint_ground();
	webkit_web_view_set_zoom_level(view, opt.zoom / 100.0);
	g_signal_connect(view, "context-menu", G_CALLBACK(on_menu), NULL);
	g_signal_connect(view, "notify::title", G_CALLBACK(on_title), NULL);
	g_signal_connect(view, "decide-policy", G_CALLBACK(on_policy), NULL);
	g_signal_connect(view, "create", G_CALLBACK(on_create), NULL);
	g_signal_connect(view, "web-process-terminated", G_CALLBACK(on_terminated), NULL);
	sendjay_take_drops(view);
	gtk_widget_grab_focus(child);
	return 1;
}

void sendjay_load(const char *url) {
	const char *host = strstr(url, "://");
	if (!host)
		return;
	g_free(origin);
	origin = g_strndup(url, (host + 3 - url) + strcspn(host + 3, "/?#"));
	webkit_web_view_load_uri(view, url);
}

void sendjay_show(const char *token) {
	if (!gtk_widget_get_visible(window))
		put_back();
	// Wayland lets a window come to the front only with the token of the click that asked for it.
	if (token && *token)
		gtk_window_set_startup_id(GTK_WINDOW(window), token);
	gtk_widget_show(window);
	guint32 now = GDK_CURRENT_TIME;
	GdkWindow *g = gtk_widget_get_window(window);
	if (g && GDK_IS_X11_WINDOW(g))
		now = gdk_x11_get_server_time(g);
	gtk_window_present_with_time(GTK_WINDOW(window), now);
}

void sendjay_hide(void) {
	if (gtk_widget_get_visible(window))
		put_away();
}

void sendjay_move(int w, int h, int x, int y, int fixed, int max) {
	gtk_window_resize(GTK_WINDOW(window), w, h);
	if (fixed)
		gtk_window_move(GTK_WINDOW(window), x, y);
	if (max)
		gtk_window_maximize(GTK_WINDOW(window));
	else
		gtk_window_unmaximize(GTK_WINDOW(window));
}
