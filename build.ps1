#requires -Version 7.4
<#
.SYNOPSIS
    The front door: builds, tests and packages the module.
.EXAMPLE
    ./build.ps1 Test
.EXAMPLE
    ./build.ps1 Package -Configuration Release
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Package')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

function Build {
    dotnet build $PSScriptRoot/PSSecureChat.sln --configuration $Configuration -nologo
}

function Test {
    Push-Location $PSScriptRoot
    try { dotnet test --configuration $Configuration } finally { Pop-Location }
    if (-not (Get-Module Pester -ListAvailable | Where-Object Version -ge '5.0')) {
        Write-Warning 'The acceptance suite in tests/Pester was not run: Install-Module Pester.'
        return
    }

    # In a process of its own, so that the module's assemblies are not kept loaded here.
    $pwsh = (Get-Process -Id $PID).Path
    & $pwsh -NoProfile -NonInteractive -Command "Import-Module Pester -MinimumVersion 5.0; Invoke-Pester '$PSScriptRoot/tests/Pester' -CI"
}

function Package {
    Build
    $package = "$PSScriptRoot/artifacts/PSSecureChat"
    Remove-Item $package -Recurse -Force -ErrorAction Ignore
    $null = New-Item $package -ItemType Directory -Force
    Get-Item $PSScriptRoot/PSSecureChat.psd1, $PSScriptRoot/LICENSE, $PSScriptRoot/module, $PSScriptRoot/en-US -ErrorAction Ignore |
        Copy-Item -Destination $package -Recurse
    (Test-ModuleManifest $package/PSSecureChat.psd1).ModuleBase
}

$Task | ForEach-Object { & $_ }
