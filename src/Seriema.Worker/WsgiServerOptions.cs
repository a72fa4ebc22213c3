using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Seriema;

/// <summary>What a <see cref="WsgiServer"/> serves, where, and within which limits.</summary>
/// <remarks>Every default is the one that the command line documents. Sizes are in bytes.</remarks>
public sealed class WsgiServerOptions
{
    /// <summary>
    /// The application as <c>MODULE:CALLABLE</c>; see <see cref="WsgiServer"/> for the forms it may take. Null serves
    /// <see cref="Static"/>, <see cref="Scripts"/> and <see cref="Mounts"/> alone, at least one of which is needed then.
    /// </summary>
    public string? Application { get; init; }

    /// <summary>Folders whose files are served, without Python and without a thread of the application.</summary>
    public IReadOnlyList<UrlFolder> Static { get; init; } = [];

    /// <summary>Whether script pages and mounts go before files; else files go first. The application, which takes every path, is last either way.</summary>
    public bool StaticLast { get; init; }

    /// <summary>Whether a folder without an <c>index.html</c> shows what is in it.</summary>
    public bool Listing { get; init; }

    /// <summary>The Cache-Control of files; the first that matches counts.</summary>
    /// <remarks>Where none does, a name with a hash in it is said to be immutable, and of others nothing is said.</remarks>
    public IReadOnlyList<CacheControlRule> CacheControl { get; init; } = [];

    /// <summary>The path of the page for what nothing answers, such as <c>/404.html</c>; null has a line of text.</summary>
    public string? NotFoundPage { get; init; }

    /// <summary>Most files that are kept open between requests.</summary>
    public int StaticOpenFiles { get; init; } = 512;

    /// <summary>Most files of <see cref="StaticFileMemory"/> or less that are kept in memory.</summary>
    public int StaticFiles { get; init; } = 8192;

    /// <summary>How much those may take together.</summary>
    public long StaticMemory { get; init; } = 32 << 20;

    /// <summary>The largest file that is kept in memory; a larger one is kept open.</summary>
    public int StaticFileMemory { get; init; } = 16 << 10;

    /// <summary>Folders of script pages: Python files that are applications each.</summary>
    public IReadOnlyList<UrlFolder> Scripts { get; init; } = [];

    /// <summary>What a script page's path ends with; empty for <c>/mytime</c> of <c>mytime.py</c>.</summary>
    public string ScriptSuffix { get; init; } = ".py";

    /// <summary>Whether the browser is shown the traceback of a 500. Never where strangers see it.</summary>
    public bool Development { get; init; }

    /// <summary>Applications below paths of their own; the longest path that fits counts.</summary>
    public IReadOnlyList<UrlApplication> Mounts { get; init; } = [];

    /// <summary>Addresses to listen on, each <c>HOST:PORT</c>, <c>[IPv6]:PORT</c>, <c>:PORT</c>, <c>unix:PATH</c>,
    /// <c>unix:@NAME</c> or <c>fd://N</c>; port 0 takes a free one.</summary>
    public IReadOnlyList<string> Bind { get; init; } = ["127.0.0.1:8000"];

    /// <summary>The proxies whose word on the client counts: addresses, networks as <c>10.0.0.0/8</c>, <c>unix</c> for who
    /// comes over a unix socket, <c>*</c> for whoever connects. The fields of others do not reach the application.</summary>
    public IReadOnlyList<string> ForwardedAllowIps { get; init; } = ["127.0.0.1", "::1", "unix"];

    /// <summary>
    /// The fields that those proxies set: <c>forwarded</c>, or some of <c>x-forwarded-for</c>, <c>-proto</c>, <c>-host</c>,
    /// <c>-port</c> and <c>-prefix</c>. What they only pass on must not be named: a client could write it.
    /// </summary>
    public IReadOnlyList<string> ForwardedHeaders { get; init; } = ["x-forwarded-for", "x-forwarded-proto"];

    /// <summary>Whether every connection begins with a header of the PROXY protocol, version 1 or 2.</summary>
    public bool ProxyProtocol { get; init; }

    /// <summary>Who may send that header, written as <see cref="ForwardedAllowIps"/>; others are not served with it.</summary>
    public IReadOnlyList<string> ProxyAllowIps { get; init; } = ["127.0.0.1", "::1", "unix"];

    /// <summary>The folder to change to, and to import from, before the application is loaded; null keeps the present one.</summary>
    public string? ChangeDirectory { get; init; }

    /// <summary>Folders put in front of <c>sys.path</c>, the first one first.</summary>
    public IReadOnlyList<string> PythonPath { get; init; } = [];

    /// <summary>An interpreter or a virtual environment; null looks at <c>$VIRTUAL_ENV</c>, <c>./.venv</c>, <c>./venv</c> and <c>python3</c> on the path.</summary>
    public string? Python { get; init; }

    /// <summary>What the application finds in <c>sys.argv</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = ["seriema"];

    /// <summary>How many requests may be inside the application at once, each on a thread of its own.</summary>
    public int Threads { get; init; } = 16;

    /// <summary>How long a stop waits for requests in flight.</summary>
    public TimeSpan GracefulTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long one request may be inside the application; then the client gets 504, and the exception
    /// <c>seriema.RequestTimeout</c> is raised in the application's thread. Zero sets no limit.
    /// </summary>
    /// <remarks>What the application waits for the client, for a body or for a slow reader, does not count.</remarks>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after <see cref="Timeout"/> the thread may take to come back before it is given up.</summary>
    public TimeSpan TimeoutGrace { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Length of the queue of connections that the kernel has accepted and the server has not.</summary>
    public int Backlog { get; init; } = 2048;

    /// <summary>How many requests may wait for a free thread; the next one is answered with 503.</summary>
    /// <remarks>
    /// A connection has at most one request waiting, of about 20 KiB. The default is so high because a first rush of quick
    /// requests, before the runtime has compiled what they need, is not an overload: it is over in a moment.
    /// </remarks>
    public int BacklogRequests { get; init; } = 16384;

    /// <summary>How long a request may wait for a free thread; then it is answered with 503. Zero sets no limit.</summary>
    /// <remarks>
    /// The oldest are refused first. Every 503 carries Retry-After: the seconds that the oldest request has waited, from
    /// 1 to 30. It is noticed at once, not when the application returns.
    /// </remarks>
    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The path of health checks, such as <c>/health</c>; null has none.</summary>
    /// <remarks>
    /// <para>A request whose path, without the query and not percent-decoded, is exactly this goes before every other that
    /// waits for a thread, whatever its method. It is not counted in <see cref="BacklogRequests"/>, and
    /// <see cref="QueueTimeout"/> refuses it only when no other request waits.</para>
    /// <para>The application answers it, on one of its threads: while all of them are inside the application it waits for
    /// the first that returns. The server knows the path when it has read the head, so the connection itself is accepted
    /// in its turn. More than 64 such requests waiting at once are no health checks; the rest wait as any other.</para>
    /// <para>A worker of <c>seriema --workers</c> asks for it once, from itself, before it takes clients, and serves only
    /// when the answer is 2xx or 3xx.</para>
    /// </remarks>
    public string? HealthPath { get; init; }

    /// <summary>After how many requests a worker of <c>seriema --workers</c> asks to be replaced; 0 never does.</summary>
    /// <remarks>It serves on until its successor is ready. A <see cref="WsgiServer"/> of a host's own process ignores it.</remarks>
    public int MaxRequests { get; init; }

    /// <summary>Up to how many are added to <see cref="MaxRequests"/>, at random, so that not all workers are replaced at once.</summary>
    public int MaxRequestsJitter { get; init; }

    /// <summary>How long a kept-alive connection may be idle.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>How long a request's head may take to arrive, from its first byte; then 408.</summary>
    public TimeSpan HeadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a body or a response may make no progress at all.</summary>
    public TimeSpan ProgressTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How many bytes a second a client must send of a body at least, on average over <see cref="ProgressTimeout"/>; then
    /// 408. Zero asks for no more than some progress in that time.
    /// </summary>
    public long MinBodyRate { get; init; } = 2048;

    /// <summary>
    /// How many bytes a second a client must take of a response at least, on average over <see cref="ProgressTimeout"/>,
    /// while the server waits for it; then the connection is closed. Zero asks for no more than some progress in that time.
    /// </summary>
    public long MinResponseRate { get; init; } = 2048;

    /// <summary>How many requests a connection may carry; the response to the last one closes it. 0 sets no limit.</summary>
    public int KeepAliveRequests { get; init; }

    /// <summary>How many connections may be open at once; 0 is as many as there are file descriptors for, but for a reserve.</summary>
    /// <remarks>
    /// Beyond it, those are closed for new ones that have been idle for longest, then those that have been sending a
    /// request's head for longest, but none within its first second. When there are none, clients wait to be accepted.
    /// </remarks>
    public int WorkerConnections { get; init; } = 32768;

    /// <summary>How many connections one client may have open at once; the next is answered with 503. 0 sets no limit.</summary>
    /// <remarks>
    /// A client is an IPv4 address or the /64 of an IPv6 one, with <see cref="ProxyProtocol"/> the one that the header
    /// names. The proxies of <see cref="ForwardedAllowIps"/> and clients of unix sockets may have any number.
    /// </remarks>
    public int LimitClientConnections { get; init; } = 1024;

    /// <summary>How many requests one client may send in a second, on average; the next is answered with 429. 0 sets no limit.</summary>
    /// <remarks>
    /// A client is whom the application finds in REMOTE_ADDR, of IPv6 its /64; where that is empty, there is no limit.
    /// All workers of <c>seriema --workers</c> count together.
    /// </remarks>
    public double LimitRequestRate { get; init; }

    /// <summary>How many of those may come at once, after a pause; 0 is as many as in ten seconds, at least 1.</summary>
    public int LimitRequestBurst { get; init; }

    /// <summary>Longest request line; a longer one is answered with 414.</summary>
    public int LimitRequestLine { get; init; } = 8190;

    /// <summary>Most header fields in a request; more are answered with 431.</summary>
    public int LimitRequestFields { get; init; } = 100;

    /// <summary>Longest header field line; a longer one is answered with 431.</summary>
    public int LimitRequestFieldSize { get; init; } = 8190;

    /// <summary>Longest request head in all; a longer one is answered with 431.</summary>
    public int LimitRequestHead { get; init; } = 65536;

    /// <summary>Largest request body; a larger one is answered with 413. 0 sets no limit.</summary>
    public long LimitRequestBody { get; init; } = 1L << 30;

    /// <summary>How much of a request body is held in memory before the application is called; the rest is in a file by then.</summary>
    /// <remarks>
    /// Without files (<see cref="LimitTempFiles"/>), and of a body whose client waits for 100 Continue, the rest is received
    /// as the application reads it.
    /// </remarks>
    public int BodyBuffer { get; init; } = 1 << 20;

    /// <summary>
    /// How much of a response may wait in memory for a slow client; beyond it the application's thread waits a moment, and
    /// then the response goes to a file.
    /// </summary>
    public int ResponseBuffer { get; init; } = 256 << 10;

    /// <summary>What the bodies and responses of all connections may take in memory; beyond it, each holds little and uses a file.</summary>
    public long BufferMemory { get; init; } = 32 << 20;

    /// <summary>
    /// The folder for the files of large bodies, and of responses that clients take slowly; null takes the first of
    /// <c>$TMPDIR</c>, <c>/var/tmp</c> and <c>/tmp</c> that takes files. Nobody else can open them, and they have no names.
    /// </summary>
    public string? TempDirectory { get; init; }

    /// <summary>
    /// How large all those files may be together. A body that finds no room is answered with 503, a response makes the
    /// application's thread wait. Zero uses no files.
    /// </summary>
    public long LimitTempFiles { get; init; } = 4L << 30;

    /// <summary>Receives each head as it goes over the wire, prefixed as <c>curl -v</c> does; null shows nothing.</summary>
    /// <remarks>Without the values of secrets, unless <see cref="WireSecrets"/> asks for them.</remarks>
    public TextWriter? Wire { get; init; }

    /// <summary>Whether <see cref="Wire"/> shows credentials too: Authorization, Cookie, Set-Cookie, tokens in a query.</summary>
    public bool WireSecrets { get; init; }

    /// <summary>Where the server and <c>wsgi.errors</c> write.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
