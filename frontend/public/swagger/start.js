// A file of its own, so that the policy of the platform need allow no script within a page.
window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  requestInterceptor: async (request) => {
    if (["GET", "HEAD"].includes(request.method ?? "GET")) return request;
    const account = await (await fetch("/api/v1/account")).json();
    if (account.csrf_token) request.headers["X-CSRF-Token"] = account.csrf_token;
    return request;
  },
});
