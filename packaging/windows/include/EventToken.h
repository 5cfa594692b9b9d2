/* WebView2.h asks for EventToken.h; mingw has it in lower case, and a Linux disk cares. */
#include <eventtoken.h>
