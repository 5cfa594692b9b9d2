// What Go's runtime asks of bcryptprimitives.dll, which Wine 8 lacks.
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *to, SIZE_T n) { return SystemFunction036(to, n); }
