namespace PSSecureChat.Terminal.Hosting;

/// <summary>
/// Finds the module to import: the nearest manifest in the folder of the program or above it. That is the
/// repository root when the program runs from its build folder, and the package when it is shipped with it;
/// neither the current folder nor PSModulePath can put another module in its place.
/// </summary>
internal static class ModuleLocator
{
    public const string ManifestName = "PSSecureChat.psd1";

    public static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string manifest = Path.Combine(folder.FullName, ManifestName);
            if (File.Exists(manifest))
            {
                return manifest;
            }
        }

        return null;
    }
}
