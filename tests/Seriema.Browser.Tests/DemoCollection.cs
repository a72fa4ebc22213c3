namespace Seriema.Browser.Tests;

/// <summary>One browser at a time is enough for two cores.</summary>
[CollectionDefinition(DemoFixture.Name)]
public sealed class DemoCollection : ICollectionFixture<DemoFixture>;
