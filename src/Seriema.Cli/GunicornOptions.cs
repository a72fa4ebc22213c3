namespace Seriema.Cli;

/// <summary>
/// gunicorn's options that this server does not have: who types one deserves to be told so, by name.
/// </summary>
internal static class GunicornOptions
{
    /// <summary>Spellings with a meaning that nothing here fulfils; accepting them silently would be a lie.</summary>
    private static readonly string[] s_absent =
    [
        "--reload", "--reload-engine", "--reload-extra-file", "--spew", "--check-config",
        "--print-config", "--preload", "--no-sendfile", "--reuse-port", "-D", "--daemon", "-e", "--env", "--initgroups",
        "--access-logfile", "--disable-redirect-access-to-syslog", "--access-logformat",
        "--capture-output", "--logger-class", "--log-config", "--log-config-json", "--log-config-dict",
        "--log-syslog-to", "--log-syslog", "--log-syslog-prefix", "--log-syslog-facility", "-R",
        "--enable-stdio-inheritance", "--statsd-host", "--dogstatsd-tags", "--statsd-prefix", "-n", "--name",
        "--paste", "--paster", "--keyfile", "--certfile", "--ssl-version",
        "--cert-reqs", "--ca-certs", "--suppress-ragged-eofs", "--do-handshake-on-connect", "--ciphers",
        "--paste-global", "--strip-header-spaces", "--permit-unconventional-http-method",
        "--permit-unconventional-http-version", "--permit-obsolete-folding", "--casefold-http-method",
        "--forwarder-headers", "--header-map", "--tolerate-dangerous-framing", "--no-control-socket",
    ];

    /// <summary>Whether gunicorn knows <paramref name="name"/> and this server does not.</summary>
    internal static bool IsAbsent(string name) => Array.IndexOf(s_absent, name) >= 0;
}
