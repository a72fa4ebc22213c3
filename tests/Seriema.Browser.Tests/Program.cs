using Seriema.Browser.Tests;

// scripts/screenshots starts the tests' own program with the folder for the pictures.
if (args is not [string folder])
{
    Console.Error.WriteLine("usage: scripts/screenshots [FOLDER]");
    return 2;
}
await using Chromium chromium = await Chromium.Start();
using Demo demo = Demo.Start();
await Screenshots.Make(chromium, demo, folder);
return 0;
