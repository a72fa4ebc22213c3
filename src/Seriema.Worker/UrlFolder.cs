namespace Seriema;

/// <summary>A folder and where what is in it stands in the site.</summary>
/// <param name="Url">The path that all of it stands below, such as <c>/</c> or <c>/static</c>; decoded, so without <c>%</c>.</param>
/// <param name="Folder">The folder; a relative one is below the present folder, not below <c>ChangeDirectory</c>.</param>
public sealed record UrlFolder(string Url, string Folder);
