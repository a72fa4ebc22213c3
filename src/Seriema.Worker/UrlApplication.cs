namespace Seriema;

/// <summary>An application and where it stands in the site.</summary>
/// <param name="Url">The path that becomes <c>SCRIPT_NAME</c>, such as <c>/flask</c>; decoded, so without <c>%</c>.</param>
/// <param name="Application">As <see cref="WsgiServerOptions.Application"/>.</param>
public sealed record UrlApplication(string Url, string Application);
