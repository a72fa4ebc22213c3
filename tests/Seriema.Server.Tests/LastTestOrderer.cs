using Xunit.Abstractions;
using Xunit.Sdk;

namespace Seriema.Server.Tests;

/// <summary>Runs a test with the trait <c>order: last</c> behind the others: after it there is no server left.</summary>
public sealed class LastTestOrderer : ITestCaseOrderer
{
    internal const string Trait = "order";
    internal const string Last = "last";

    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase =>
        testCases.OrderBy(test => test.Traits.ContainsKey(Trait));
}
