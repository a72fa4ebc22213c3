using System.Diagnostics.CodeAnalysis;
using Seriema.Transport;

namespace Seriema.Worker.Tests.Loop;

/// <summary>A worker whose application is a delegate: everything of a real one but Python.</summary>
internal sealed class ScriptedWorker : Worker
{
    private readonly Action<AppThread, HttpExchange> _application;

    [SetsRequiredMembers]
    internal ScriptedWorker(
        WsgiServerOptions options, IReadOnlyList<ListenSocket> listeners, Action<AppThread, HttpExchange> application, Epoll? epoll = null,
        WorkerRole? role = null, SiteFront? site = null)
        : base(options, listeners, gateway: null!, signalFd: -1, new WorkerLog(options.LoggerFactory.CreateLogger("seriema")), epoll, role, site)
    {
        _application = application;
        RequestStop = Stop;
    }

    /// <summary>What raising the deadline's exception would do; its answer is the stack that the log shows.</summary>
    internal Func<string> OnInterrupt { get; set; } = () => "";

    /// <summary>How often the stacks were to be written without the GIL.</summary>
    internal int StackDumps { get; private set; }

    internal override bool Interrupt(AppThread thread, long call, out string stack)
    {
        stack = OnInterrupt();
        return thread.Clock.IsInside(call);
    }

    internal override void DumpStacks() => StackDumps++;

    /// <remarks>The gateway, which would be Python, is used nowhere else.</remarks>
    internal override void Call(AppThread thread, HttpExchange exchange) => _application(thread, exchange);
}
