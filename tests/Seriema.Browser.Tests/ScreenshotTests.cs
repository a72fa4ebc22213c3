using System.Buffers.Binary;
using Seriema.Process.Tests;

namespace Seriema.Browser.Tests;

/// <summary>The pictures of the documents are of the demo as it is, at least in what and how large they are.</summary>
[Collection(DemoFixture.Name)]
public sealed class ScreenshotTests(DemoFixture fixture)
{
    [Fact]
    public async Task The_pictures_of_the_documents_can_be_made_anew()
    {
        string kept = Path.Combine(ServerProcess.Repository, "docs", "screenshots");
        DirectoryInfo made = Directory.CreateTempSubdirectory("seriema-screenshots-");
        try
        {
            await Screenshots.Make(fixture.Chromium, fixture.Demo, made.FullName);
            Assert.Equal(Screenshots.All.Select(picture => picture.Name).Order(), Directory.GetFiles(kept, "*.png").Select(Path.GetFileName).Order());
            Assert.All(Screenshots.All, picture =>
            {
                // The height of a whole page depends on the fonts of the machine.
                int width = Width(Path.Combine(made.FullName, picture.Name));
                Assert.Equal(Width(Path.Combine(kept, picture.Name)), width);
            });
        }
        finally
        {
            made.Delete(recursive: true);
        }
    }

    // PNG §11.2.1: behind the signature and the head of the first chunk, IHDR.
    private static int Width(string file) => (int)BinaryPrimitives.ReadUInt32BigEndian(File.ReadAllBytes(file).AsSpan(16, 4));
}
