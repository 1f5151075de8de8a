using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PSSecureChat.ModuleTests;

public sealed class PackageTests
{
    [Fact]
    public void The_build_leaves_exactly_these_files()
    {
        string[] expected =
        [
            "PSSecureChat.Model.dll",
            "PSSecureChat.dll",
            "engine/BouncyCastle.Cryptography.dll",
            "engine/Microsoft.Data.Sqlite.dll",
            "engine/PSSecureChat.Engine.deps.json",
            "engine/PSSecureChat.Engine.dll",
            "engine/SQLitePCLRaw.batteries_v2.dll",
            "engine/SQLitePCLRaw.core.dll",
            "engine/SQLitePCLRaw.provider.e_sqlite3.dll",
            "engine/System.Formats.Cbor.dll",
            "engine/runtimes/linux-arm64/native/libe_sqlite3.so",
            "engine/runtimes/linux-musl-arm64/native/libe_sqlite3.so",
            "engine/runtimes/linux-musl-x64/native/libe_sqlite3.so",
            "engine/runtimes/linux-x64/native/libe_sqlite3.so",
            "engine/runtimes/osx-arm64/native/libe_sqlite3.dylib",
            "engine/runtimes/osx-x64/native/libe_sqlite3.dylib",
            "engine/runtimes/win-arm64/native/e_sqlite3.dll",
            "engine/runtimes/win-x64/native/e_sqlite3.dll",
        ];
        string[] found = Directory.GetFiles(Repository.ModuleBin, "*", SearchOption.AllDirectories);

        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Select(RelativePath).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_manifest_and_the_assemblies_have_one_version()
    {
        XDocument properties = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props"));
        string version = properties.Descendants("VersionPrefix").Single().Value;
        Match manifest = Regex.Match(File.ReadAllText(Repository.Manifest), @"ModuleVersion\s*=\s*'([^']+)'");

        Assert.Equal(version, manifest.Groups[1].Value);
    }

    [Fact]
    public void The_manifest_exports_every_cmdlet_and_nothing_else()
    {
        using Session session = Session.Start();
        string[] exported = [.. session.Run("(Get-Module PSSecureChat).ExportedCommands.Keys").Output.Select(static name => name.ToString()).Order(StringComparer.Ordinal)];
        string[] written = [.. Directory.GetFiles(Path.Combine(Repository.Root, "src", "PSSecureChat", "Commands"), "*Command.cs")
            .SelectMany(static file => Regex.Matches(File.ReadAllText(file), @"\[Cmdlet\(Verbs\w+\.(\w+), ""(\w+)""").Select(static cmdlet => $"{cmdlet.Groups[1]}-{cmdlet.Groups[2]}"))
            .Order(StringComparer.Ordinal)];

        Assert.NotEmpty(written);
        Assert.Equal(written, exported);
    }

    [Fact]
    public void The_manifest_is_valid()
    {
        using Session session = Session.Bare();
        Transcript test = session.Run("(Test-ModuleManifest $Manifest).Name");

        Assert.Equal(["output: PSSecureChat"], test.Lines);
    }

    [Fact]
    public void Every_cmdlet_says_what_it_emits_and_takes_a_server_where_it_speaks_through_one()
    {
        using Session session = Session.Start();

        Assert.Empty(session.Run("Get-Command -Module PSSecureChat | Where-Object { -not $_.OutputType }").Lines);
        Assert.Empty(session.Run("Get-Command -Module PSSecureChat | Where-Object { -not $_.Parameters['Server'] -and $_.Name -notin 'Start-ChatServer', 'Get-ChatServer', 'Restore-ChatStore' }").Lines);
    }

    private static string RelativePath(string file) => Path.GetRelativePath(Repository.ModuleBin, file).Replace('\\', '/');
}
