// Access: applications, policies and what they refer to.
// https://developers.cloudflare.com/api/resources/zero_trust/subresources/access/
import type { HttpAnswer } from "../http-fault.ts";
import { publicUris } from "./access-match.ts";
import {
  applicationView,
  buildApplication,
  buildPolicy,
  policyView,
  UNKNOWN_APPLICATION,
} from "./applications.ts";
import { type Call, ok, paged, refuse } from "./envelope.ts";
import type { ApiParts, Routes } from "./router.ts";
import type { Application, Policy } from "./state.ts";

const ACCESS = "/accounts/{account_id}/access";
const APP = `${ACCESS}/apps/{app_id}`;
const POLICY = `${ACCESS}/policies/{policy_id}`;
/** The list answers 25 at a time unless asked for more; its documented pages name no maximum. */
const PAGES = { initial: 25, most: 1000 };

export function accessRoutes(api: ApiParts): Routes {
  const { state, account } = api;

  function withApp(handle: (application: Application, call: Call) => HttpAnswer) {
    return (call: Call) => {
      const application = state.applications.get(call.params.app_id ?? "");
      return application ? handle(application, call) : refuse(...UNKNOWN_APPLICATION);
    };
  }

  function withPolicy(handle: (policy: Policy, call: Call) => HttpAnswer) {
    return (call: Call) => {
      const policy = state.policies.get(call.params.policy_id ?? "");
      return policy?.reusable
        ? handle(policy, call)
        : refuse(404, 11022, "access.api.error.policy_not_found");
    };
  }

  function listApps({ query }: Call): HttpAnswer {
    const exact = query.exact === "true";
    const fits = (wanted: string | undefined, given: string[]) =>
      wanted === undefined || given.some((each) => (exact ? each === wanted : each.includes(wanted)));
    const found = [...state.applications.values()].filter((application) => {
      const name = String(application.body.name ?? "");
      const domains = [String(application.body.domain ?? ""), ...publicUris(application)];
      if (query.aud !== undefined && query.aud !== application.aud) return false;
      if (query.search !== undefined && ![name, ...domains].some((each) => each.includes(query.search!)))
        return false;
      return fits(query.name, [name]) && fits(query.domain, domains);
    });
    return paged(
      query,
      found.map((application) => applicationView(state, application)),
      PAGES,
    );
  }

  function putApp(before: Application | null, { body }: Call): HttpAnswer {
    const built = buildApplication(state, body, before, api.clock.now(), api.limits.applications);
    if ("refused" in built) return refuse(...built.refused);
    account.putApplication(built.application, built.ownPolicies);
    return ok(applicationView(state, built.application), before ? 200 : 201);
  }

  function revoke(application: Application): HttpAnswer {
    account.revokeTokens(application.id);
    return ok({}, 202);
  }

  function removeApp(application: Application): HttpAnswer {
    account.removeApplication(application.id);
    return ok({ id: application.id }, 202);
  }

  function listPolicies({ query }: Call): HttpAnswer {
    const reusable = [...state.policies.values()].filter((policy) => policy.reusable);
    return paged(
      query,
      reusable.map((policy) => policyView(state, policy)),
      PAGES,
    );
  }

  function putPolicy(before: Policy | null, { body }: Call): HttpAnswer {
    const built = buildPolicy(body, before, true, api.clock.now());
    if ("refused" in built) return refuse(...built.refused);
    account.putPolicy(built.policy);
    return ok(policyView(state, built.policy), before ? 200 : 201);
  }

  function removePolicy(policy: Policy): HttpAnswer {
    if (account.applicationsUsing(policy.id).length > 0) {
      return refuse(409, 12131, "access.api.error.policy_in_use: take the policy off its applications first");
    }
    account.removePolicy(policy.id);
    return ok({ id: policy.id }, 202);
  }

  return {
    [`GET ${ACCESS}/apps`]: listApps,
    [`POST ${ACCESS}/apps`]: (call) => putApp(null, call),
    [`GET ${APP}`]: withApp((application) => ok(applicationView(state, application))),
    [`PUT ${APP}`]: withApp(putApp),
    [`DELETE ${APP}`]: withApp(removeApp),
    [`POST ${APP}/revoke_tokens`]: withApp(revoke),
    [`GET ${ACCESS}/policies`]: listPolicies,
    [`POST ${ACCESS}/policies`]: (call) => putPolicy(null, call),
    [`GET ${POLICY}`]: withPolicy((policy) => ok(policyView(state, policy))),
    [`PUT ${POLICY}`]: withPolicy(putPolicy),
    [`DELETE ${POLICY}`]: withPolicy(removePolicy),
  };
}
