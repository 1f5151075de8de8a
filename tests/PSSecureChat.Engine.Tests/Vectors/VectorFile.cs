using System.Text.Json;

namespace PSSecureChat.Engine.Tests.Vectors;

/// <summary>The public test vectors that stand beside the repository; a bare clone does not have them.</summary>
internal static class VectorFile
{
    /// <summary>Opens one of the files, or skips the running test and says why.</summary>
    public static JsonElement Read(string relativePath)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "PSSecureChat.sln")))
        {
            folder = folder.Parent;
        }

        string path = Path.Combine(folder?.FullName ?? ".", "..", "shared", "vectors", relativePath);
        if (!File.Exists(path))
        {
            Assert.Skip($"The vectors are not here: ../shared/vectors/{relativePath} beside the repository.");
        }

        using FileStream stream = File.OpenRead(path);
        return JsonDocument.Parse(stream).RootElement.Clone();
    }

    /// <summary>All test cases of a Wycheproof file, each with its group.</summary>
    public static IEnumerable<(JsonElement Group, JsonElement Case)> ReadWycheproof(string name) =>
        from testGroup in Read($"wycheproof/{name}").GetProperty("testGroups").EnumerateArray()
        from testCase in testGroup.GetProperty("tests").EnumerateArray()
        select (testGroup, testCase);

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.Text(name));

    public static bool Has(this JsonElement element, string name) => element.TryGetProperty(name, out _);

    public static bool IsValid(this JsonElement testCase) => testCase.Text("result") == "valid";

    public static string Label(this JsonElement testCase) => $"tcId {testCase.GetProperty("tcId").GetInt32()}";
}
