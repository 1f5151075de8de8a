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
    dotnet test $PSScriptRoot/PSSecureChat.sln --configuration $Configuration
    if (-not (Get-Module Pester -ListAvailable | Where-Object Version -ge '5.0')) {
        Write-Warning 'The acceptance suite in tests/Pester was not run: Install-Module Pester.'
        return
    }

    # In a process of its own, so that the module's assemblies are not kept loaded here.
    $pwsh = "$PSHOME/pwsh"
    & $pwsh -NoProfile -NonInteractive -Command "Import-Module Pester -MinimumVersion 5.0; Invoke-Pester -Configuration @{ Run = @{ Path = '$PSScriptRoot/tests/Pester'; Exit = `$true } }"
}

function Package {
    Build
    $artifacts = "$PSScriptRoot/artifacts"
    Remove-Item $artifacts -Recurse -Force -ErrorAction Ignore
    $null = New-Item $artifacts/PSSecureChat -ItemType Directory -Force
    Copy-Item $PSScriptRoot/PSSecureChat.psd1, $PSScriptRoot/LICENSE, $PSScriptRoot/README.md, $PSScriptRoot/CHANGELOG.md, $PSScriptRoot/module, $PSScriptRoot/en-US, $PSScriptRoot/docs, $PSScriptRoot/examples $artifacts/PSSecureChat -Recurse
    (Test-ModuleManifest $artifacts/PSSecureChat/PSSecureChat.psd1).ModuleBase
    if (-not (Get-Command Compress-PSResource -ErrorAction Ignore)) {
        Write-Warning 'No .nupkg was made: that takes Microsoft.PowerShell.PSResourceGet 1.1, which comes with PowerShell 7.5.'
        return
    }

    Compress-PSResource $artifacts/PSSecureChat -DestinationPath $artifacts -PassThru
}

$Task | ForEach-Object { & $_ }
