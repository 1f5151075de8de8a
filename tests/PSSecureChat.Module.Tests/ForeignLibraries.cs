using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace PSSecureChat.ModuleTests;

/// <summary>
/// Other modules bring libraries of the names of ours, in other versions. All tests run in a process in which
/// that has already happened; these are empty, so one that became ours would fail at once.
/// </summary>
internal static class ForeignLibraries
{
    public static readonly string[] Names = ["BouncyCastle.Cryptography", "Microsoft.Data.Sqlite", "SQLitePCLRaw.core", "System.Formats.Cbor"];

    [ModuleInitializer]
    internal static void Load()
    {
        foreach (string name in Names)
        {
            PersistedAssemblyBuilder assembly = new(new AssemblyName(name) { Version = new Version(99, 0) }, typeof(object).Assembly);
            assembly.DefineDynamicModule(name);
            using MemoryStream image = new();
            assembly.Save(image);
            image.Position = 0;
            AssemblyLoadContext.Default.LoadFromStream(image);
        }
    }
}
