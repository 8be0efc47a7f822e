// What Access shares over the whole account (groups, tags, organization, identity providers, log-ins), and the page on
// which a token looks at itself.
import type { HttpAnswer } from "../http-fault.ts";
import { type Call, ok, paged, refuse } from "./envelope.ts";
import type { ApiParts, Routes } from "./router.ts";
import type { Json, Login } from "./state.ts";

const ACCESS = "/accounts/{account_id}/access";
const PAGES = { initial: 25, most: 1000 };

export function accountRoutes(api: ApiParts): Routes {
  const { state, limits } = api;
  const at = api.clock.now().toISOString();

  function groups({ query }: Call): HttpAnswer {
    const found = state.groups.filter((group) => !query.name || group.name === query.name);
    const shown = found.map((group) => ({
      exclude: [],
      require: [],
      created_at: at,
      updated_at: at,
      ...group,
      uid: group.id,
    }));
    return paged(query, shown, PAGES);
  }

  function tagView({ name, createdAt }: { name: string; createdAt: string }): Json {
    const used = [...state.applications.values()].filter((each) =>
      (each.body.tags as string[] | undefined)?.includes(name),
    );
    return { name, app_count: used.length, created_at: createdAt, updated_at: createdAt };
  }

  function tag({ params }: Call): HttpAnswer {
    const found = state.tags.get(params.tag_name ?? "");
    return found ? ok(tagView(found)) : refuse(404, 12133, "access.api.error.tag_not_found");
  }

  function createTag({ body }: Call): HttpAnswer {
    const name = body.name;
    if (typeof name !== "string" || name === "")
      return refuse(400, 12130, "access.api.error.invalid_request: a tag needs a name");
    if (state.tags.has(name)) return refuse(409, 12132, "access.api.error.tag_already_exists");
    const createdAt = api.clock.now().toISOString();
    state.tags.set(name, { name, createdAt });
    return ok({ name, app_count: 0, created_at: createdAt, updated_at: createdAt }, 201);
  }

  function logins({ query }: Call): HttpAnswer {
    const found = state.logins.filter((login) => fits(login, query));
    if (query.direction !== "asc") found.reverse();
    const most = Math.min(Number(query.limit ?? PAGES.initial), PAGES.most);
    return paged(query, found.slice(0, most), { initial: most, most: PAGES.most });
  }

  function verify(owner: "user" | "account") {
    return (): HttpAnswer => {
      if (limits.tokenOwner !== undefined && limits.tokenOwner !== owner)
        return refuse(401, 1000, "Invalid API Token");
      const expiry = limits.tokenExpiresOn === undefined ? {} : { expires_on: limits.tokenExpiresOn };
      const expired =
        limits.tokenExpiresOn !== undefined && api.clock.now() >= new Date(limits.tokenExpiresOn);
      const result = {
        id: "ed17574386854bf78a67040be0a770b0",
        status: expired ? "expired" : "active",
        ...expiry,
      };
      return ok(result);
    };
  }

  return {
    [`GET ${ACCESS}/groups`]: groups,
    [`GET ${ACCESS}/tags`]: ({ query }) => paged(query, [...state.tags.values()].map(tagView), PAGES),
    [`GET ${ACCESS}/tags/{tag_name}`]: tag,
    [`POST ${ACCESS}/tags`]: createTag,
    [`GET ${ACCESS}/organizations`]: () => ok(state.organization),
    [`GET ${ACCESS}/identity_providers`]: ({ query }) =>
      paged(
        query,
        state.identityProviders.map((idp) => ({ config: {}, ...idp })),
        PAGES,
      ),
    [`GET ${ACCESS}/logs/access_requests`]: logins,
    "GET /user/tokens/verify": verify("user"),
    "GET /accounts/{account_id}/tokens/verify": verify("account"),
  };
}

function fits(login: Login, query: Record<string, string>): boolean {
  const exact = query.email_exact === "true" || query.emailOp === "eq";
  const email = query.email;
  if (email !== undefined && !(exact ? login.user_email === email : login.user_email.includes(email)))
    return false;
  if (query.app_uid !== undefined && login.app_uid !== query.app_uid) return false;
  if (query.allowed !== undefined && String(login.allowed) !== query.allowed) return false;
  if (query.since !== undefined && new Date(login.created_at) < new Date(query.since)) return false;
  return query.until === undefined || new Date(login.created_at) <= new Date(query.until);
}
