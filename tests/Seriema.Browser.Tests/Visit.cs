using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Seriema.Browser.Tests;

/// <summary>One window, and all that went wrong in it.</summary>
internal sealed class Visit : IAsyncDisposable
{
    /// <summary>In milliseconds. A loaded machine is slow, a hung page is slower: no test depends on the difference.</summary>
    internal const float Patience = 60_000;

    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _troubles = [];

    private Visit(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.RequestFailed += (_, request) =>
        {
            // An icon belongs to no page's load, so the next page may break it off.
            if (!(request.Failure == "net::ERR_ABORTED" && IsIcon(request.Url))) _troubles.Enqueue($"{request.Method} {request.Url}: {request.Failure}");
        };
        page.Response += (_, response) =>
        {
            if (response.Status >= 400) _troubles.Enqueue($"{response.Request.Method} {response.Url}: {response.Status}");
        };
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") _troubles.Enqueue($"console: {message.Text} ({message.Location})");
        };
        page.PageError += (_, error) => _troubles.Enqueue($"script: {error}");
    }

    internal IPage Page { get; }

    /// <summary>Requests that failed, answers from 400 on, and what the console has as an error or a warning.</summary>
    internal IReadOnlyCollection<string> Troubles => _troubles;

    /// <summary>Whether the browser asks for it when it likes, and not when a page is loaded.</summary>
    internal static bool IsIcon(string path) => path.Contains("icon.", StringComparison.Ordinal);

    internal static async Task<Visit> Begin(IBrowserContext context)
    {
        context.SetDefaultTimeout(Patience);
        return new Visit(context, await context.NewPageAsync());
    }

    /// <summary>Opens a page of the demo and waits until all that belongs to it is there.</summary>
    internal async Task<IResponse> Open(string path)
    {
        IResponse? response = await Page.GotoAsync(path);
        Assert.True(response is not null, $"{path}: no answer");
        return response;
    }

    /// <summary>Presses what sends a form, and waits for the page that answers.</summary>
    internal async Task<IResponse> Submit(string button)
    {
        // The answer to a POST, not what it redirects to: its status is what a test asks for.
        await Page.EvaluateAsync("window.isBeforeSubmit = true");
        Task<IResponse> answer = Page.WaitForResponseAsync(response => response.Request.IsNavigationRequest);
        await Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        IResponse first = await answer;
        // Not for the load event: it may be over by now, of this page or of the one before.
        await Page.WaitForFunctionAsync("!window.isBeforeSubmit && document.readyState === 'complete'");
        return first;
    }

    internal void AssertNothingWentWrong() => Assert.True(_troubles.IsEmpty, $"{Page.Url}:\n{string.Join('\n', _troubles)}");

    public async ValueTask DisposeAsync() => await _context.CloseAsync();
}
