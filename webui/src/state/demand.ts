// demanding hears in every answer whether the company's rules demand a second factor by now, also of somebody who has
// been here since before they did. It does not know how one is set up.
import type { Http, Outcome } from "./parts.ts";

export function demanding(http: Http, demanded: () => void): Http {
  const heard = <T>(answer: Outcome<T>): Outcome<T> => {
    if (answer.error?.code === "forbidden" && answer.error.field === "factor") demanded();
    return answer;
  };
  return {
    get: async <T>(path: string) => heard(await http.get<T>(path)),
    post: async <T>(path: string, body: unknown) => heard(await http.post<T>(path, body)),
    put: async <T>(path: string, body: unknown) => heard(await http.put<T>(path, body)),
    send: async <T>(path: string, bytes: object) => heard(await http.send<T>(path, bytes)),
    drop: async <T>(path: string) => heard(await http.drop<T>(path)),
  };
}
