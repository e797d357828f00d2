// Starts Swagger UI on this server's own document. Nothing is asked of any other server.

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

window.ui = SwaggerUIBundle({
    dom_id: "#swagger-ui",
    url: "openapi.json",
    deepLinking: true,
    displayRequestDuration: true,
    // Folded, since the models repeat what stands at each operation.
    defaultModelsExpandDepth: 0,
    // The badge is a picture of an outside service that would be given this server's address.
    validatorUrl: null,
    // The key is not written to the browser's storage: it goes with the tab.
    persistAuthorization: false,
    onComplete: () => {
        // Its label stands beside it without belonging to it.
        document.getElementById("servers")?.setAttribute("aria-label", "Servers");
    },
    // It looks for a component of this name before it draws a file field for each item of a list,
    // and complains that there is none.
    plugins: [() => ({ components: { JsonSchema_string_binary: () => null } })],
});
